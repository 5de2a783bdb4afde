package dev.holdfast.node;

import dev.holdfast.node.internal.membership.JoinBook;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.statemachine.JoinToken;
import dev.holdfast.statemachine.LockMachine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The join tokens of a group, in the terms in which this peer leads it. */
final class GroupJoinBook implements JoinBook {
    private final NodeGroup group;

    GroupJoinBook(NodeGroup group) {
        this.group = group;
    }

    @Override
    public @Nullable Page current() {
        LeaderTerm term = group.local().term();
        return term == null ? null : new TermPage(term, group.replica());
    }

    private record TermPage(LeaderTerm term, Replica replica) implements Page {
        @Override
        public boolean isOpen() {
            return term.semantics() >= ProtocolVersion.JOIN_TOKENS;
        }

        @Override
        public long nowMs() {
            return term.logTimeMs();
        }

        @Override
        public CompletableFuture<Long> confirm() {
            return term.confirmedLogTimeMs();
        }

        @Override
        public List<JoinToken> tokens() {
            return replica.read(LockMachine::joinTokens);
        }

        @Override
        public List<AuditRecord> audit() {
            return replica.read(LockMachine::audit);
        }

        @Override
        public @Nullable JoinToken find(String hash) {
            return replica.read(machine -> machine.joinToken(hash));
        }

        @Override
        public CompletableFuture<Void> propose(SystemCommand command) {
            return term.propose(command);
        }
    }
}
