package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.node.HoldfastNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The peer in this process, if there is one. Here, so that others need not know whether its classes are there. */
interface LocalPeer {
    /** No peer. */
    LocalPeer NONE = new LocalPeer() {
        @Override
        public boolean isThere() {
            return false;
        }

        @Override
        public List<String> problems() {
            return List.of();
        }

        @Override
        public Map<String, Object> describe() {
            return Map.of();
        }

        @Override
        public List<Map<String, Object>> members() {
            return List.of();
        }
    };

    boolean isThere();

    /** Why callers are not served well at it; empty if they are. */
    List<String> problems();

    /** Which it is, and who leads. */
    Map<String, Object> describe();

    /** The members of its cluster. Blocks for about a second if one of them does not answer. */
    List<Map<String, Object>> members() throws InterruptedException;

    /** That of a node. */
    final class OfNode implements LocalPeer {
        private final HoldfastNode node;

        OfNode(HoldfastNode node) {
            this.node = node;
        }

        @Override
        public boolean isThere() {
            return true;
        }

        @Override
        public List<String> problems() {
            return node.health().problems();
        }

        @Override
        public Map<String, Object> describe() {
            Map<String, Object> description = new LinkedHashMap<>();
            description.put("peer", node.id());
            description.put("cluster", node.clusterName());
            description.put("clusterId", node.clusterId());
            description.put(
                    "leaders",
                    IntStream.range(0, node.groups())
                            .mapToObj(group -> leader(node.leader(group)))
                            .toList());
            return description;
        }

        private static String leader(@Nullable String known) {
            return Objects.requireNonNullElse(known, "none");
        }

        @Override
        public List<Map<String, Object>> members() throws InterruptedException {
            return node.membership().list().stream().map(OfNode::member).toList();
        }

        private static Map<String, Object> member(MemberStatus status) {
            Map<String, Object> member = new LinkedHashMap<>();
            member.put("name", status.name());
            member.put("role", status.role().name().toLowerCase(Locale.ROOT));
            member.put("answers", status.answers());
            member.put("leads", status.leads());
            member.put("clients", status.clients().toString());
            member.put("version", status.version());
            return member;
        }
    }
}
