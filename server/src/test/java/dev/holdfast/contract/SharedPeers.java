package dev.holdfast.contract;

import static org.awaitility.Awaitility.await;

import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.Member;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.server.process.Folders;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests that want them three peers in this JVM, which all classes share. */
final class SharedPeers implements ParameterResolver {
    /** Long enough for a leader to stay one on a machine that is busy with other things. */
    private static final RaftSettings SETTINGS = RaftSettings.DEFAULT.electionTimeouts(1500, 3000);

    /** The peers. */
    static final class Peers implements AutoCloseable {
        private final Path folder;
        private final List<HoldfastNode> nodes = new ArrayList<>();

        private Peers() {
            try {
                folder = Files.createTempDirectory("holdfast-test-");
                List<Member> members = LoopbackMembers.find(List.of("a", "b", "c"));
                for (Member member : members) {
                    nodes.add(HoldfastNode.builder()
                            .id(member.id())
                            .members(members)
                            .dataFolder(folder.resolve(member.id()))
                            .ratis(SETTINGS)
                            .start());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The one that leads now, when all know it. */
        HoldfastNode leader() {
            return await().atMost(ContractBase.PATIENCE).until(this::agreedLeader, leader -> leader != null);
        }

        private HoldfastNode agreedLeader() {
            for (HoldfastNode node : nodes) {
                if (node.isLeader() && nodes.stream().allMatch(each -> node.id().equals(each.leader()))) {
                    return node;
                }
            }
            return null;
        }

        /** One that follows now. */
        HoldfastNode follower() {
            HoldfastNode leader = leader();
            return nodes.stream().filter(node -> node != leader).findFirst().orElseThrow();
        }

        @Override
        public void close() throws IOException {
            nodes.forEach(HoldfastNode::close);
            Folders.delete(folder);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Peers.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.GLOBAL)
                .getOrComputeIfAbsent(Peers.class, key -> new Peers(), Peers.class);
    }
}
