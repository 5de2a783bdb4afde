package dev.holdfast.server.serve;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.jmx.JmxReporter;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.http.HoldfastHttp;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.HoldfastNodeBuilder;
import dev.holdfast.node.MemberRemovedException;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.ReleaseTooOldException;
import dev.holdfast.server.config.InvalidConfigException;
import dev.holdfast.server.config.NodeConfig;
import dev.holdfast.server.config.NodeConfigReader;
import dev.holdfast.server.log.LogFormats;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Messages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs one peer. Prints one line to standard output, when it is ready; everything else goes to standard error. */
@Command(
        name = "node",
        description = {
            "Runs one peer until SIGTERM or Ctrl-C. It then hands over its leadership and ends."
                    + " A second signal ends it at once.",
            "-Dholdfast.KEY=VALUE overrides a setting; so does the environment variable HOLDFAST_KEY, in capitals and"
                    + " with _ for . and -"
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped as asked",
            "1:failed while running, or did not stop in time",
            "2:wrong usage",
            "74:a port or the data folder cannot be used",
            "78:the configuration is wrong"
        })
public final class NodeCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, in HOCON.")
    private Path file = Path.of("");

    @Option(names = "-D", paramLabel = "KEY=VALUE", description = "Overrides a setting.")
    private Map<String, String> overrides = new HashMap<>();

    @Option(names = "--until-stdin-ends", hidden = true)
    private boolean child;

    @Override
    public Integer call() throws InterruptedException {
        StopSignal stop = child ? StopSignal.listeningAsChild() : StopSignal.listening();
        NodeConfig config;
        try {
            config = NodeConfigReader.read(file, properties(), System.getenv());
        } catch (InvalidConfigException e) {
            String.valueOf(e.getMessage()).lines().forEach(NodeCommand::complain);
            return ExitCode.CONFIG;
        }
        LogFormats.use(config.logFormat());
        stop.asked().thenRun(() -> endLater(config.drainTimeout()));
        MetricRegistry metrics = new MetricRegistry();
        try (JmxReporter jmx = config.jmx() ? reporter(metrics) : null;
                HoldfastNode node = builder(config).metrics(metrics).start();
                HoldfastHttp http = http(config, node, metrics)) {
            if (jmx != null) {
                jmx.start();
            }
            ReadinessReport.start(node, http == null ? "" : http.url(), stop);
            return run(node, stop, config.drainTimeout());
        } catch (IllegalArgumentException e) {
            complain(file + ": " + e.getMessage());
            return ExitCode.CONFIG;
        } catch (IOException e) {
            complain("node " + config.id() + " cannot start: " + Messages.of(e));
            return e instanceof MemberRemovedException ? ExitCode.REMOVED : ExitCode.UNUSABLE;
        }
    }

    private static @Nullable HoldfastHttp http(NodeConfig config, HoldfastNode node, MetricRegistry metrics)
            throws IOException {
        HostPort address = config.http();
        return address == null ? null : HoldfastHttp.start(node, metrics, address.host(), address.port());
    }

    private static JmxReporter reporter(MetricRegistry metrics) {
        return JmxReporter.forRegistry(metrics).inDomain("dev.holdfast").build();
    }

    private static int run(HoldfastNode node, StopSignal stop, Duration drainTimeout) {
        CompletableFuture<Throwable> failure = node.failure().toCompletableFuture();
        CompletableFuture.anyOf(stop.asked(), failure).join();
        if (stop.isAsked()) {
            return ExitCode.DONE;
        }
        // What failed may keep it from closing.
        endLater(drainTimeout);
        Throwable cause = failure.join();
        complain("node " + node.id() + " failed: " + Messages.of(cause));
        if (cause instanceof MemberRemovedException) {
            return ExitCode.REMOVED;
        }
        // To start it again before it is upgraded is of no use: the folder would be refused.
        return cause instanceof ReleaseTooOldException ? ExitCode.UNUSABLE : ExitCode.FAILED;
    }

    private Map<String, String> properties() {
        Map<String, String> all = new HashMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> all.put(name, System.getProperty(name, "")));
        all.putAll(overrides);
        return all;
    }

    private static HoldfastNodeBuilder builder(NodeConfig config) {
        HoldfastNodeBuilder builder = HoldfastNode.builder()
                .id(config.id())
                .members(config.members())
                .listen(config.listen())
                .dataFolder(config.data())
                .clusterName(config.clusterName())
                .groups(config.groups())
                .ratis(RaftSettings.DEFAULT
                        .electionTimeouts((int) config.electionTimeoutMin().toMillis(), (int)
                                config.electionTimeoutMax().toMillis())
                        .snapshots(config.snapshotEvery(), config.logKept())
                        .snapshotBytes(config.snapshotEveryBytes()))
                .slowThreshold(config.slowThreshold());
        if (config.join()) {
            builder.join();
        }
        builder.joinToken(config.membership().joinToken())
                .maxVoters(config.membership().maxVoters())
                .replaceLostDisk(config.membership().replaceLostDisk());
        Duration replaceAfter = config.membership().replaceAfter();
        if (replaceAfter != null) {
            builder.replaceAfter(replaceAfter);
        }
        if (config.insecure()) {
            builder.insecure();
        }
        Path secretFile = config.secretFile();
        if (secretFile != null) {
            builder.secretFile(secretFile);
        }
        Tls membersTls = config.membersTls();
        if (membersTls != null) {
            builder.membersTls(membersTls);
        }
        Tls clientsTls = config.clientsTls();
        if (clientsTls != null) {
            builder.clientsTls(clientsTls);
        }
        if (config.requireClientCertificate()) {
            builder.requireClientCertificate();
        }
        return builder.access(config.access());
    }

    /** Loses nothing: what was acknowledged is on the disks of a majority. */
    private static void endLater(Duration timeout) {
        CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    complain("did not stop within " + timeout.toMillis() + " ms; ending now");
                    Runtime.getRuntime().halt(ExitCode.FAILED);
                });
    }

    private static void complain(String what) {
        System.err.println("holdfast: " + what);
    }
}
