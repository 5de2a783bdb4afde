package dev.holdfast.kill;

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
 * Gives tests that want a {@link ProcessCluster} one of three peers, which all classes of this JVM share. Each uses keys of
 * its own, and starts again what it kills.
 */
public final class SharedCluster implements ParameterResolver {

    private static final class Started implements AutoCloseable {
        private final Path folder;
        private final ProcessCluster cluster;

        Started() {
            try {
                folder = Files.createTempDirectory("holdfast-test-");
                cluster = ProcessCluster.startThree(folder, 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
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
        return parameter.getParameter().getType() == ProcessCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.GLOBAL)
                .getOrComputeIfAbsent(Started.class, key -> new Started(), Started.class)
                .cluster;
    }
}
