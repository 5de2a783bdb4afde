package dev.holdfast.contract;

import dev.holdfast.node.LocalCluster;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.server.process.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests that want a {@link LocalCluster} one of three peers, which all classes of this JVM share. Callers have to be known; those
 * in the peers' processes are.
 */
final class SharedPeers implements ParameterResolver {

    private static final class Started implements AutoCloseable {
        private final Path folder;
        private final LocalCluster cluster;

        Started() {
            try {
                folder = Files.createTempDirectory("holdfast-test-");
                cluster = LocalCluster.start(folder, 3, builder -> builder.access(AccessOptions.closed()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            cluster.close();
            Folders.delete(folder);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.GLOBAL)
                .getOrComputeIfAbsent(Started.class, key -> new Started(), Started.class)
                .cluster;
    }
}
