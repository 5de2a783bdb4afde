package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.v1.SecurityProto;
import dev.holdfast.node.internal.membership.FakeCluster;
import dev.holdfast.node.internal.membership.JoinBook;
import dev.holdfast.node.internal.membership.JoinDesk;
import dev.holdfast.node.internal.membership.MemberChanger;
import dev.holdfast.node.internal.membership.MemberControl;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.port.ClientPort;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose status it is that comes back, where several have one name or one address. */
class MemberStatusesTest {
    private static final String OLD = "1".repeat(16);
    private static final String NEW = "2".repeat(16);

    private final List<ClientPort> ports = new ArrayList<>();
    private final Membership membership = membership();

    private static Membership membership() {
        MemberControl control = new FakeCluster(1, "a", "b").at("a");
        MemberControl.Group first = control.groups().get(0);
        JoinDesk desk = new JoinDesk(JoinBook.NONE);
        MemberAudit audit = new MemberAudit(JoinBook.NONE, first, InstantSource.system());
        return new Membership(
                control,
                new AuditedChanger(new MemberChanger(control), desk, first, audit),
                leader -> RemoteOptions.named("test"));
    }

    @AfterEach
    void close() {
        ports.forEach(ClientPort::close);
    }

    /** Where that peer answers. */
    private HostPort peer(String name, String incarnation) throws IOException {
        int number = FreePorts.find(1).get(0);
        ClientPort port = ClientPort.builder()
                .host("127.0.0.1")
                .port(number)
                .clusterId(() -> "cluster")
                .peerId(name)
                .status(() -> StatusReplies.of(
                        "cluster",
                        "one",
                        new PeerId(name, incarnation),
                        List.of(),
                        List.of(),
                        SecurityProto.getDefaultInstance(),
                        List.of(),
                        "",
                        OptionalLong.empty()))
                .group(
                        (caller, address) -> {
                            throw new IllegalStateException("nobody has anything to do with locks");
                        },
                        () -> null)
                .build();
        ports.add(port);
        port.start();
        return new HostPort("127.0.0.1", number);
    }

    private static MemberStatus member(String name, String incarnation, HostPort at, MemberStatus.Role role) {
        return new MemberStatus(name, incarnation, at, at, role, List.of(), OptionalLong.of(1), "");
    }

    @Test
    void each_of_two_peers_of_one_name_has_the_status_that_it_said() throws Exception {
        MemberStatus before = member("b", OLD, peer("b", OLD), MemberStatus.Role.VOTER);
        MemberStatus newcomer = member("b", NEW, peer("b", NEW), MemberStatus.Role.NEWCOMER);

        Map<MemberStatus, PeerStatus> statuses = membership.statuses(List.of(before, newcomer));

        assertThat(statuses.get(before).incarnation()).isEqualTo(OLD);
        assertThat(statuses.get(newcomer).incarnation()).isEqualTo(NEW);
    }

    @Test
    void a_member_whose_folder_is_lost_does_not_answer_by_the_mouth_of_whoever_is_in_its_place() throws Exception {
        HostPort at = peer("b", NEW);
        MemberStatus lost = member("b", OLD, at, MemberStatus.Role.VOTER);
        MemberStatus newcomer = member("b", NEW, at, MemberStatus.Role.NEWCOMER);

        assertThat(membership.statuses(List.of(lost, newcomer))).containsOnlyKeys(newcomer);
    }

    @Test
    void nor_does_one_at_whose_address_another_is_now() throws Exception {
        MemberStatus gone = member("b", OLD, peer("c", OLD), MemberStatus.Role.VOTER);

        assertThat(membership.statuses(List.of(gone))).isEmpty();
    }

    @Test
    void a_peer_that_does_not_say_its_incarnation_is_believed() throws Exception {
        MemberStatus old = member("b", OLD, peer("b", ""), MemberStatus.Role.VOTER);

        assertThat(membership.statuses(List.of(old))).containsOnlyKeys(old);
    }
}
