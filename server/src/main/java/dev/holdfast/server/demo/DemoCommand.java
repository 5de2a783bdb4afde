package dev.holdfast.server.demo;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** Plays all scenes on a fresh cluster of three processes. Fails if a scene does. */
@Command(
        name = "demo",
        description = "Starts three peers on this machine, shows and checks what locks do, and cleans up.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    private static final List<Scene> SCENES = List.of(
            new RefusedWhileHeld(),
            new HandOverInOrder(),
            new LeaseRunsOut(),
            new SemaphoreOfFive(),
            new LeaderKilled(),
            new StaleWriteRejected());

    private final Narrator out = new Narrator();

    @Override
    public Integer call() throws IOException, InterruptedException {
        long began = System.nanoTime();
        int failed = 0;
        out.plain("Three peers, each a process with its own log on disk; the callers reach them over TCP.");
        try (DemoCluster cluster = DemoCluster.start()) {
            introduce(cluster, System.nanoTime() - began);
            for (int i = 0; i < SCENES.size(); i++) {
                failed += play(i + 1, SCENES.get(i), cluster) ? 0 : 1;
            }
            if (failed > 0) {
                out.plain("What the peers logged last:" + cluster.lastLogs());
            }
        } catch (SceneFailedException e) {
            out.failed(e.why());
            return 1;
        }
        out.plain("");
        out.plain((SCENES.size() - failed) + " of " + SCENES.size() + " held, in "
                + Narrator.seconds(System.nanoTime() - began) + ". All processes and files of the demo are gone.");
        return failed == 0 ? 0 : 1;
    }

    private void introduce(DemoCluster cluster, long tookNanos) {
        String peers = cluster.peers().stream()
                .map(peer -> peer.id() + " = process " + peer.pid())
                .collect(Collectors.joining(", "));
        String leader = cluster.leader().map(DemoPeer::id).orElse("nobody");
        out.plain(peers + "; " + leader + " leads, " + Narrator.seconds(tookNanos) + " after the start.");
    }

    private boolean play(int number, Scene scene, DemoCluster cluster) throws InterruptedException {
        out.title(number, scene.title());
        try (Stage stage = new Stage(cluster, out)) {
            out.held(scene.play(stage));
            return true;
        } catch (SceneFailedException e) {
            out.failed(e.why());
        } catch (RuntimeException e) {
            out.failed(e.toString());
        }
        return false;
    }
}
