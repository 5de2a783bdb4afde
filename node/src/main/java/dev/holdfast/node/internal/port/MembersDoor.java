package dev.holdfast.node.internal.port;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ChangeMembersReply;
import dev.holdfast.client.v1.ChangeMembersRequest;
import dev.holdfast.client.v1.IssueJoinTokenReply;
import dev.holdfast.client.v1.IssueJoinTokenRequest;
import dev.holdfast.client.v1.JoinTokensReply;
import dev.holdfast.client.v1.MembersReply;
import dev.holdfast.client.v1.WithdrawJoinTokenRequest;
import dev.holdfast.node.internal.access.Principal;
import java.util.concurrent.CompletableFuture;

/** What is behind a port for those who look after the cluster: who its members are, and who is to be one. It does not block. */
public interface MembersDoor {
    /** One behind which there is nothing. */
    MembersDoor NONE = new MembersDoor() {
        @Override
        public CompletableFuture<MembersReply> members() {
            return CompletableFuture.completedFuture(MembersReply.getDefaultInstance());
        }

        @Override
        public CompletableFuture<ChangeMembersReply> change(
                Principal caller, String address, ChangeMembersRequest request) {
            return CompletableFuture.failedFuture(new TransportException(Kind.REFUSED, "this peer changes no members"));
        }

        @Override
        public CompletableFuture<IssueJoinTokenReply> issueJoinToken(
                Principal caller, String address, IssueJoinTokenRequest request) {
            return CompletableFuture.failedFuture(new TransportException(Kind.REFUSED, "this peer changes no members"));
        }

        @Override
        public CompletableFuture<JoinTokensReply> joinTokens(Principal caller, String address) {
            return CompletableFuture.failedFuture(new TransportException(Kind.REFUSED, "this peer changes no members"));
        }

        @Override
        public CompletableFuture<ChangeMembersReply> withdrawJoinToken(
                Principal caller, String address, WithdrawJoinTokenRequest request) {
            return CompletableFuture.failedFuture(new TransportException(Kind.REFUSED, "this peer changes no members"));
        }
    };

    /** Who the members are. Fails with {@code BUSY} if there is too much to do. */
    CompletableFuture<MembersReply> members();

    /**
     * Changes who they are, if the caller may. Fails with {@code FORBIDDEN} if not, with {@code BUSY} if there is too much to do.
     *
     * @param address where the caller is; empty if that is not known
     */
    CompletableFuture<ChangeMembersReply> change(Principal caller, String address, ChangeMembersRequest request);

    /** Makes a token by which a newcomer becomes a member, if the caller may. Fails as {@link #change}. */
    CompletableFuture<IssueJoinTokenReply> issueJoinToken(
            Principal caller, String address, IssueJoinTokenRequest request);

    /** Which of these tokens there are, if the caller may know. Fails as {@link #change}. */
    CompletableFuture<JoinTokensReply> joinTokens(Principal caller, String address);

    /** Has one of them let nobody in any more, if the caller may. Fails as {@link #change}. */
    CompletableFuture<ChangeMembersReply> withdrawJoinToken(
            Principal caller, String address, WithdrawJoinTokenRequest request);
}
