package dev.holdfast.node;

import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.Query;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes each record of a group's audit as one line of JSON to the logger {@link #NAME}, at the peer that leads when the record is
 * made: so it is in the logs of one peer. The audit itself is in the replicated state. What is made while nobody leads, by entries
 * that a new leader takes over, is there alone.
 */
final class AuditLog {
    /** Of the logger. */
    static final String NAME = "dev.holdfast.audit";

    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    private final int group;
    private final Replica replica;

    /** Up to which record everything is written, or was made before this peer led. Of the applying thread. */
    private long written;

    AuditLog(int group, Replica replica) {
        this.group = group;
        this.replica = replica;
    }

    /** The last entry was applied. Writes what it recorded, if this peer leads. */
    void applied(boolean leads) {
        long last = replica.lastAudited();
        if (last == written) {
            return;
        }
        if (leads && LOG.isInfoEnabled()) {
            Answer.AuditPage page = pageAfter(written);
            while (!page.records().isEmpty()) {
                page.records().forEach(each -> LOG.info(line(each)));
                page = pageAfter(page.records().get(page.records().size() - 1).number());
            }
        }
        written = last;
    }

    private Answer.AuditPage pageAfter(long number) {
        return replica.read(machine ->
                (Answer.AuditPage) machine.answer(new Query.Audit(number, Limits.PAGE_SIZE_MAX), machine.logTimeMs()));
    }

    private String line(AuditRecord each) {
        StringBuilder json = new StringBuilder("{\"group\":").append(group);
        json.append(",\"number\":").append(each.number());
        return withDeed(
                json, each.atEpochMs(), each.principal(), each.address(), each.action(), each.target(), each.detail());
    }

    /** Writes what was done at this peer and is not in the replicated state: in the same form, without a number. */
    static void note(
            int group, long atEpochMs, String principal, String address, String action, String target, String detail) {
        if (LOG.isInfoEnabled()) {
            StringBuilder json = new StringBuilder("{\"group\":").append(group);
            LOG.info(withDeed(json, atEpochMs, principal, address, action, target, detail));
        }
    }

    private static String withDeed(
            StringBuilder json,
            long atEpochMs,
            String principal,
            String address,
            String action,
            String target,
            String detail) {
        add(json, "time", Instant.ofEpochMilli(atEpochMs).toString());
        add(json, "principal", principal);
        add(json, "address", address);
        add(json, "action", action);
        add(json, "target", target);
        add(json, "detail", detail);
        return json.append('}').toString();
    }

    private static void add(StringBuilder json, String name, String value) {
        json.append(",\"").append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
