package dev.holdfast.server.rescue;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.server.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup, restore and recover, as an operator uses them. */
class RescueCommandsTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final Lockable KEPT = new Lockable("key", "kept");
    private static final long AHEAD = 1L << 40;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("a.backup");
    }

    private HoldfastNode node(String name) throws IOException {
        return HoldfastNode.builder().id("a").dataFolder(folder.resolve(name)).start();
    }

    private static CommandRun backup(HoldfastNode node, Object... more) {
        Object[] arguments = {"backup", "--servers", node.member().clientAddress(), "--timeout", "2m"};
        Object[] all = new Object[arguments.length + more.length];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return CommandRun.of(all);
    }

    private static long hold(HoldfastNode node) throws InterruptedException {
        return node.client()
                .createLock()
                .acquire(ALICE, KEPT, AcquireOptions.defaults().untilReleased())
                .token();
    }

    @Test
    void a_backup_is_taken_and_restored() throws Exception {
        String former;
        try (HoldfastNode node = node("before")) {
            hold(node);
            former = node.clusterId();
            assertThat(backup(node, file()).ended(0).out())
                    .anySatisfy(line -> assertThat(line).contains("a backup of the cluster", former))
                    .anySatisfy(line -> assertThat(line).contains("group 0, from a at", "highest token 1; 1 holds"));
            assertThat(backup(node, file()).ended(74).errLine()).contains("exists; --force replaces it");
            JsonObject json = JsonParser.parseString(
                            backup(node, file(), "--force", "--json").ended(0).outLine())
                    .getAsJsonObject();
            assertThat(json.get("cluster").getAsString()).isEqualTo(former);
            assertThat(json.get("lastToken").getAsLong()).isEqualTo(1);
            assertThat(backup(node, folder.resolve("b"), "--cluster", "another")
                            .ended(2)
                            .errLine())
                    .contains("another one than is meant");
        }
        Path after = folder.resolve("after");

        CommandRun restored = CommandRun.of("restore", file(), "--data", after, "--members", "a=127.0.0.1:7101:7201")
                .ended(0);

        assertThat(restored.out().get(1))
                .contains("holds kept: 1, dropped: 0", "tokens go on above " + (AHEAD + 1) + " (the highest was 1)");
        assertThat(restored.out()).contains("data folder of member a: " + after);
        assertThat(CommandRun.of("restore", file(), "--data", after, "--members", "a=127.0.0.1:7101:7201")
                        .ended(74)
                        .errLine())
                .contains("is not empty");
        try (HoldfastNode node = node("after")) {
            assertThat(node.clusterId()).isNotEqualTo(former);
            assertThat(node.client().createLock().get(KEPT).orElseThrow().token())
                    .isEqualTo(1);
        }
    }

    @Test
    void a_damaged_backup_and_wrong_usage() throws IOException {
        Files.writeString(file(), "HOLDBAK1 and then nothing");
        assertThat(CommandRun.of("restore", file(), "--data", folder.resolve("x"), "--members", "a=h:1:2")
                        .ended(74)
                        .errLine())
                .contains("is damaged at byte 8");
        for (String[] wrong : new String[][] {
            {"--members", "a=h:1:2,a=i:1:2"},
            {"--members", "a"},
            {"--members", "a=h:1:2,..=i:1:2"},
            {"--members", "a=h:1:2", "--keep", "some"},
            {"--members", "a=h:1:2", "--tokens-ahead", "-1"},
            {}
        }) {
            Object[] all = new Object[4 + wrong.length];
            System.arraycopy(new Object[] {"restore", file(), "--data", folder.resolve("x")}, 0, all, 0, 4);
            System.arraycopy(wrong, 0, all, 4, wrong.length);
            CommandRun.of(all).ended(2);
        }
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void a_survivor_goes_on_alone_once_the_loss_is_accepted() throws Exception {
        String former;
        Path data = folder.resolve("a");
        try (HoldfastNode node = node("a")) {
            hold(node);
            former = node.clusterId();
            assertThat(CommandRun.of("recover", "--data", data, "--i-accept-loss")
                            .ended(74)
                            .errLine())
                    .contains("is in use");
        }
        assertThat(CommandRun.of("recover", "--data", data).ended(2).err().get(0))
                .contains("--i-accept-loss says that you know");

        CommandRun recovered =
                CommandRun.of("recover", "--data", data, "--i-accept-loss").ended(0);

        assertThat(String.join("\n", recovered.out()))
                .contains(
                        "member a is the only one of a new cluster",
                        "holds kept: 1",
                        "it had everything up to entry ",
                        ", of term 1",
                        "unknown: whether the cluster had acknowledged more than that",
                        "the old files are in " + data.resolve("raft.before-recover-"),
                        "members of the old cluster (" + former + ") that come back are strangers");
        try (HoldfastNode node = node("a")) {
            assertThat(node.client().createLock().get(KEPT).orElseThrow().token())
                    .isEqualTo(1);
        }
    }

    @Test
    void what_cannot_be_recovered() {
        assertThat(CommandRun.of("recover", "--data", folder.resolve("none"), "--i-accept-loss")
                        .ended(74)
                        .errLine())
                .contains("is not the data folder of a peer");
    }
}
