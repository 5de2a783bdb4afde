package dev.holdfast.client.internal.facade;

import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Query;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads and changes the rules, which the first group has, and reads the audit of each group. Any thread may call it; every
 * call blocks.
 */
final class Administration {
    private static final int PAGE_SIZE = 500;
    private static final String LISTING_OF_RULES = "listing of rules";
    private static final String LISTING_OF_AUDIT = "listing of the audit";

    private final GroupClients groups;

    Administration(GroupClients groups) {
        this.groups = groups;
    }

    List<AccessRule> rules(long timeoutNanos) {
        Answer.RuleList answer = Inspection.ask(
                all(LISTING_OF_RULES, timeoutNanos).get(0),
                new Query.Rules(),
                LISTING_OF_RULES,
                timeoutNanos,
                Answer.RuleList.class);
        return answer.rules().stream().map(Terms::rule).toList();
    }

    boolean put(AccessRule rule, long timeoutNanos) {
        return change(new Command.PutRule(Terms.rule(rule)), timeoutNanos);
    }

    boolean remove(AccessRule rule, long timeoutNanos) {
        return change(new Command.RemoveRule(Terms.rule(rule)), timeoutNanos);
    }

    private boolean change(ClientCommand command, long timeoutNanos) {
        GroupClient first = all("change of rules", timeoutNanos).get(0);
        return Waiting.uninterruptibly(first.holds().changeRules(command, timeoutNanos));
    }

    /** @param timeoutNanos for each page */
    Stream<AuditEntry> audit(long timeoutNanos) {
        List<Iterator<AuditEntry>> ofGroups = new ArrayList<>();
        for (GroupClient group : all(LISTING_OF_AUDIT, timeoutNanos)) {
            int number = ofGroups.size();
            ofGroups.add(new Pages<>(last -> audit(group, number, last == null ? 0 : last.number(), timeoutNanos)));
        }
        return Pages.stream(
                new Merged<>(ofGroups, Comparator.comparing(entry -> entry.at().orElse(Instant.MIN))));
    }

    private static Pages.Page<AuditEntry> audit(GroupClient group, int groupNumber, long after, long timeoutNanos) {
        Answer.AuditPage page = Inspection.ask(
                group, new Query.Audit(after, PAGE_SIZE), LISTING_OF_AUDIT, timeoutNanos, Answer.AuditPage.class);
        return new Pages.Page<>(
                page.records().stream().map(each -> entry(groupNumber, each)).toList(), page.more());
    }

    private static AuditEntry entry(int group, AuditRecord each) {
        return new AuditEntry(
                group,
                each.number(),
                each.atEpochMs() == 0 ? null : Instant.ofEpochMilli(each.atEpochMs()),
                each.principal(),
                each.address(),
                each.action(),
                each.target(),
                each.detail());
    }

    private List<GroupClient> all(String operation, long timeoutNanos) {
        return Waiting.uninterruptibly(groups.all(operation, timeoutNanos));
    }
}
