package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.client.Holdfast;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application hears whose class path has a protobuf that is too old: that, and not that no leader answers. */
class ClassPathConflictTest {
    private final OldProtobuf loader = new OldProtobuf();

    /** The class path of this test, but for what protobuf did not have before 4.26. */
    private static final class OldProtobuf extends URLClassLoader {
        OldProtobuf() {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] classPath() {
            return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(OldProtobuf::toUrl)
                    .toArray(URL[]::new);
        }

        private static URL toUrl(String entry) {
            try {
                return Path.of(entry).toUri().toURL();
            } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("com.google.protobuf.RuntimeVersion")) {
                throw new ClassNotFoundException(name);
            }
            return super.findClass(name);
        }
    }

    @AfterEach
    void close_loader() throws Exception {
        loader.close();
    }

    private static void assertReported(Throwable thrown) {
        assertThat(thrown)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the class path has protobuf-java older than 4.26")
                .hasMessageContaining("RuntimeVersion")
                .hasCauseInstanceOf(LinkageError.class);
    }

    private static Throwable thrownBy(ReflectiveCall call) {
        Throwable thrown = catchThrowable(call::run);
        assertThat(thrown).isInstanceOf(InvocationTargetException.class);
        return ((InvocationTargetException) thrown).getTargetException();
    }

    private interface ReflectiveCall {
        void run() throws ReflectiveOperationException;
    }

    @Test
    void a_node_that_starts_reports_it(@TempDir Path folder) throws Exception {
        Object builder = loader.loadClass(HoldfastNode.class.getName())
                .getMethod("builder")
                .invoke(null);
        builder.getClass().getMethod("dataFolder", Path.class).invoke(builder, folder);

        assertReported(thrownBy(() -> builder.getClass().getMethod("start").invoke(builder)));

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_thin_client_that_connects_reports_it() throws Exception {
        Class<?> holdfast = loader.loadClass(Holdfast.class.getName());

        assertReported(
                thrownBy(() -> holdfast.getMethod("connect", String.class).invoke(null, "127.0.0.1:1")));
    }
}
