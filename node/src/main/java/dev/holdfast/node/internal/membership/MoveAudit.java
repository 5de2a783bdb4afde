package dev.holdfast.node.internal.membership;

import dev.holdfast.node.Member;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import java.util.Optional;

/**
 * Has the audit keep that members are at other addresses than they were. Each peer hears of it from the member itself. The one that leads
 * records it, unless another that led before has; so it is recorded though the leader fails in between.
 *
 * <p>See {@code docs/adr/023-what-becomes-of-members-is-recorded-first.md}.
 */
public final class MoveAudit implements AutomaticChanges.Duty {
    private final AddressBook addresses;
    private final JoinBook book;

    public MoveAudit(AddressBook addresses, JoinBook book) {
        this.addresses = addresses;
        this.book = book;
    }

    @Override
    public boolean needsAnswers() {
        return false;
    }

    @Override
    public Optional<AutomaticChange> due(MemberSet members, Silence silence) throws InterruptedException {
        for (AddressBook.Move move : addresses.moves()) {
            JoinBook.Page page = book.current();
            if (page == null || !page.isOpen()) {
                return Optional.empty();
            }
            Member member = move.to();
            Command.RecordAudit record = new Command.RecordAudit(
                    new Caller(Principal.member(member.id()).name(), "", move.atEpochMs()),
                    AuditRecord.MEMBERS_MOVE,
                    member.id(),
                    "is at " + member.raftAddress() + ", for clients at " + member.clientAddress());
            boolean isOld = members.named(member.id()) == null || isLast(page, record);
            if (!isOld && !JoinDesk.isDone(page, record)) {
                return Optional.empty();
            }
            addresses.forget(move);
        }
        return Optional.empty();
    }

    /** Whether the last that is recorded of that member's moves says the same. */
    private static boolean isLast(JoinBook.Page page, Command.RecordAudit record) {
        return page.audit().stream()
                .filter(each ->
                        each.action().equals(record.action()) && each.target().equals(record.target()))
                .reduce((one, next) -> next)
                .filter(each -> each.detail().equals(record.detail()))
                .isPresent();
    }
}
