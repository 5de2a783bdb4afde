package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ToldMembersTest {
    private static final Peer A = peer("a", 1);
    private static final Peer B = peer("b", 3);
    private static final Peer C = peer("c", 5);

    private MemberSet members = new MemberSet(List.of(), List.of(), false);
    private long nowNanos = Long.MAX_VALUE - 5;
    private int looks;
    private final ToldMembers told = new ToldMembers(this::look, () -> nowNanos);

    private static Peer peer(String name, int port) {
        return new Peer(new PeerId(name, ""), new HostPort("h", port), new HostPort("h", port + 1));
    }

    private MemberSet look() {
        looks++;
        return members;
    }

    private List<HostPort> afterASecond() {
        nowNanos += TimeUnit.SECONDS.toNanos(1);
        return told.get();
    }

    @Test
    void voters_and_listeners_are_told_of_where_clients_reach_them() {
        assertThat(told.get()).isEmpty();
        members = new MemberSet(List.of(A, B), List.of(C), true);

        assertThat(afterASecond()).containsExactly(A.client(), B.client(), C.client());
    }

    @Test
    void while_members_change_or_are_not_known_the_list_stays_and_is_the_same_object() {
        members = new MemberSet(List.of(A), List.of(), true);
        List<HostPort> before = told.get();
        members = new MemberSet(List.of(A, B), List.of(), false);
        assertThat(afterASecond()).isSameAs(before);
        members = new MemberSet(List.of(), List.of(), true);
        assertThat(afterASecond()).isSameAs(before);
        members = new MemberSet(List.of(A), List.of(), true);
        assertThat(afterASecond()).isSameAs(before);

        members = new MemberSet(List.of(A, B), List.of(), true);
        assertThat(afterASecond()).containsExactly(A.client(), B.client());
    }

    @Test
    void however_many_replies_there_are_it_looks_once_a_second() {
        for (int i = 0; i < 1000; i++) {
            told.get();
        }
        assertThat(looks).isOne();
    }
}
