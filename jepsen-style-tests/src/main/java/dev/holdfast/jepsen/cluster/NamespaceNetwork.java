package dev.holdfast.jepsen.cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Each peer in a network namespace of its own, all on one bridge that the harness is on as well; packets are dropped by
 * nftables where they arrive. Needs root. The names hold the harness's process id, so that what a killed harness left behind
 * is found and removed by the next one.
 */
final class NamespaceNetwork implements PeerNetwork {
    private static final int SUBNET_ATTEMPTS = 50;
    private static final int HARNESS_HOST = 254;
    private static final AtomicInteger NETWORKS = new AtomicInteger();
    private static final Pattern OURS = Pattern.compile("\\b(hf(\\d+)[a-z]b)\\b");

    private static final Pattern PACKETS = Pattern.compile("counter packets (\\d+)");

    private final String name;
    private final String subnet;
    private final int peers;

    private NamespaceNetwork(String name, String subnet, int peers) {
        this.name = name;
        this.subnet = subnet;
        this.peers = peers;
    }

    /** Why there can be none on this machine; {@code null} if there can. */
    static @Nullable String unavailableBecause() {
        if (!Commands.exists("ip") || !Commands.exists("nft")) {
            return "needs the programs ip and nft";
        }
        String probe = "hfprobe" + ProcessHandle.current().pid();
        try {
            Commands.run("ip", "netns", "add", probe);
            try {
                Commands.run("ip", "netns", "exec", probe, "nft", "add", "table", "inet", "holdfast");
            } finally {
                Commands.run("ip", "netns", "del", probe);
            }
            return null;
        } catch (IOException e) {
            return "needs root and network namespaces";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    static NamespaceNetwork make(int peers) throws IOException, InterruptedException {
        removeLeftovers();
        char letter = (char) ('a' + NETWORKS.getAndIncrement() % 26);
        NamespaceNetwork network =
                new NamespaceNetwork("hf" + ProcessHandle.current().pid() + letter, freeSubnet(), peers);
        try {
            network.build();
            return network;
        } catch (IOException | InterruptedException e) {
            network.close();
            throw e;
        }
    }

    private static String freeSubnet() throws IOException, InterruptedException {
        String routes = Commands.run("ip", "-4", "route");
        Random random = new Random();
        for (int i = 0; i < SUBNET_ATTEMPTS; i++) {
            String subnet = "10." + (100 + random.nextInt(150)) + "." + random.nextInt(256) + ".";
            if (!routes.contains(subnet)) {
                return subnet;
            }
        }
        throw new IOException("no free subnet in 10.0.0.0/8");
    }

    private static void removeLeftovers() throws IOException, InterruptedException {
        Matcher matcher = OURS.matcher(Commands.run("ip", "-o", "link", "show", "type", "bridge"));
        while (matcher.find()) {
            if (ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty()) {
                String dead = matcher.group(1).substring(0, matcher.group(1).length() - 1);
                new NamespaceNetwork(dead, "", namespacesOf(dead)).close();
            }
        }
    }

    private static int namespacesOf(String name) throws IOException, InterruptedException {
        return (int) Commands.run("ip", "netns", "list")
                .lines()
                .filter(line -> line.startsWith(name + "n"))
                .count();
    }

    private void build() throws IOException, InterruptedException {
        String bridge = name + "b";
        Commands.run("ip", "link", "add", bridge, "type", "bridge");
        Commands.run("ip", "addr", "add", subnet + HARNESS_HOST + "/24", "dev", bridge);
        Commands.run("ip", "link", "set", bridge, "up");
        for (int peer = 0; peer < peers; peer++) {
            String inside = "eth0";
            String outside = name + "v" + peer;
            Commands.run("ip", "netns", "add", namespace(peer));
            Commands.run(
                    "ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", namespace(peer));
            Commands.run("ip", "link", "set", outside, "master", bridge, "up");
            in(peer, "ip", "addr", "add", host(peer) + "/24", "dev", inside);
            in(peer, "ip", "link", "set", inside, "up");
            in(peer, "ip", "link", "set", "lo", "up");
            in(peer, "nft", "add", "table", "inet", "holdfast");
            in(peer, "nft", "add chain inet holdfast in { type filter hook input priority 0 ; }");
        }
    }

    private String namespace(int peer) {
        return name + "n" + peer;
    }

    private void in(int peer, String... command) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(commandPrefix(peer));
        whole.addAll(List.of(command));
        Commands.run(whole, "");
    }

    @Override
    public String host(int peer) {
        return subnet + (peer + 1);
    }

    @Override
    public List<String> commandPrefix(int peer) {
        return List.of("ip", "netns", "exec", namespace(peer));
    }

    @Override
    public void cut(int from, int to) throws IOException, InterruptedException {
        in(to, "nft", "add", "rule", "inet", "holdfast", "in", "ip", "saddr", host(from), "counter", "drop");
    }

    @Override
    public void lose(int percent) throws IOException, InterruptedException {
        for (int peer = 0; peer < peers; peer++) {
            String rule = "numgen random mod 100 < " + percent + " counter drop";
            in(peer, "nft", "add rule inet holdfast in " + rule);
        }
    }

    @Override
    public long dropped() throws IOException, InterruptedException {
        long packets = 0;
        for (int peer = 0; peer < peers; peer++) {
            List<String> command = new ArrayList<>(commandPrefix(peer));
            command.addAll(List.of("nft", "list", "chain", "inet", "holdfast", "in"));
            Matcher matcher = PACKETS.matcher(Commands.run(command, ""));
            while (matcher.find()) {
                packets += Long.parseLong(matcher.group(1));
            }
        }
        return packets;
    }

    @Override
    public void heal() throws IOException, InterruptedException {
        for (int peer = 0; peer < peers; peer++) {
            in(peer, "nft", "flush", "chain", "inet", "holdfast", "in");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            for (int peer = 0; peer < peers; peer++) {
                Commands.attempt(List.of("ip", "netns", "del", namespace(peer)), "");
            }
            Commands.attempt(List.of("ip", "link", "del", name + "b"), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("while removing a network");
        }
    }
}
