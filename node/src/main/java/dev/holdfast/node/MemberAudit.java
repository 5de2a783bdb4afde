package dev.holdfast.node;

import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.node.internal.membership.JoinBook;
import dev.holdfast.node.internal.membership.MemberControl;
import dev.holdfast.node.internal.membership.Witness;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts into the audit of the first group, at the peer that leads it, what becomes of members. A configuration is not changed by a command of
 * the machine, so one step cannot do both: that something begins is recorded before it does, and if that cannot be committed, it does not begin;
 * what became of it is recorded afterwards, as far as this peer still leads. What cannot be recorded is in the log of the audit at least.
 *
 * <p>See {@code docs/adr/023-what-becomes-of-members-is-recorded-first.md}.
 */
final class MemberAudit {
    private static final Logger LOG = LoggerFactory.getLogger(MemberAudit.class);
    private static final Duration COMMIT = Duration.ofSeconds(5);

    /** For whoever looks at the audit after the answer. The answer must not come too late for who asked. */
    private static final Duration SOON = Duration.ofMillis(500);

    private static final int IN_VAIN_AT_ONCE = 20;
    private static final Duration IN_VAIN_EVERY = Duration.ofMinutes(1);

    private final JoinBook book;
    private final MemberControl.Group first;
    private final InstantSource clock;

    /** Whoever asks for the impossible again and again is not to push out of the audit what was done. */
    private final Allowance inVain;

    /** @param first this peer's part in the first group */
    MemberAudit(JoinBook book, MemberControl.Group first, InstantSource clock) {
        this.book = book;
        this.first = first;
        this.clock = clock;
        this.inVain = new Allowance(IN_VAIN_AT_ONCE, IN_VAIN_EVERY, clock);
    }

    /** Who asks for something, now. */
    Caller caller(String principal, String address) {
        return new Caller(printable(principal, Limits.NAME_BYTES_MAX), address, clock.millis());
    }

    /**
     * Something that is done, or is to be.
     *
     * @param address empty for this process
     * @param action without what actions about members begin with
     */
    Deed deed(String principal, String address, String action, String target) {
        return new Deed(principal, address, AuditRecord.MEMBERS + action, target);
    }

    /** One after the other calls its methods. */
    final class Deed implements Witness {
        private final String principal;
        private final String address;
        private final String action;
        private final String target;
        private String last = "";
        private JoinBook.@Nullable Page lastIn;

        private Deed(String principal, String address, String action, String target) {
            this.principal = principal;
            this.address = address;
            this.action = action;
            this.target = printable(target.isEmpty() ? "-" : target, Limits.NAME_BYTES_MAX);
        }

        @Override
        public boolean begins(String what) throws NotLeadingException, InterruptedException {
            JoinBook.Page page = book.page(first);
            // What began in an earlier term may have been ended by others since.
            if (what.equals(last) && page.equals(lastIn)) {
                return false;
            }
            if (!page.isOpen()) {
                log(what);
            } else if (!isCommitted(page.propose(record(what)))) {
                if (!first.leads()) {
                    throw new NotLeadingException(first.leader());
                }
                throw new MemberChangeException(
                        Reason.UNDER_WAY,
                        "nothing was done, as the audit could not be written: is a majority of the voters up? Ask again");
            }
            last = what;
            lastIn = page;
            return true;
        }

        boolean hasBegun() {
            return !last.isEmpty();
        }

        private static boolean isCommitted(CompletableFuture<Void> proposed) throws InterruptedException {
            try {
                proposed.get(COMMIT.toMillis(), TimeUnit.MILLISECONDS);
                return true;
            } catch (ExecutionException | TimeoutException e) {
                LOG.debug("the audit is not written", e);
                return false;
            }
        }

        /** Says what became of it. */
        void ended(String what) throws InterruptedException {
            JoinBook.Page page = book.current();
            if (page == null || !page.isOpen()) {
                log(what);
                return;
            }
            CompletableFuture<Void> written = page.propose(record(what)).whenComplete((done, failure) -> {
                if (failure != null) {
                    log(what);
                }
            });
            try {
                written.get(SOON.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOG.debug("the audit is not written yet", e);
            }
        }

        /** Says that nothing became of it. What is known to have begun is recorded in any case. */
        void endedInVain(String what) throws InterruptedException {
            if (hasBegun() || inVain.take()) {
                ended(what);
            } else {
                log(what);
            }
        }

        void refused(MemberChangeException e) throws InterruptedException {
            endedInVain("refused (" + e.reason() + "): " + e.getMessage());
        }

        private Command.RecordAudit record(String detail) {
            return new Command.RecordAudit(
                    caller(principal, address), action, target, printable(detail, Limits.AUDIT_DETAIL_BYTES_MAX));
        }

        private void log(String detail) {
            AuditLog.note(0, clock.millis(), principal, address, action, target, detail);
        }
    }

    /** What the machine takes: without control characters, and not too long. Names in it may be anybody's. */
    static String printable(String text, int bytesMax) {
        StringBuilder printable = new StringBuilder();
        int bytes = 0;
        for (int point : text.codePoints().toArray()) {
            boolean isText = !Character.isISOControl(point) && (point > 0xffff || !Character.isSurrogate((char) point));
            int shown = isText ? point : '?';
            bytes += shown < 0x80 ? 1 : shown < 0x800 ? 2 : shown < 0x10000 ? 3 : 4;
            if (bytes > bytesMax) {
                break;
            }
            printable.appendCodePoint(shown);
        }
        return printable.toString();
    }
}
