package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CheckReturnValue;
import java.io.File;
import java.io.StringWriter;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results that must not be ignored are marked, and the mark costs nobody anything. */
class CheckedResultsTest {

    @TempDir
    Path classes;

    private static boolean isChecked(AnnotatedElement element) {
        return element.isAnnotationPresent(CheckReturnValue.class);
    }

    @Test
    void results_of_acquires_must_not_be_ignored() {
        List<Method> acquires = Stream.of(HoldfastLock.class, HoldfastSemaphore.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> method.getName().matches("acquire|acquireAsync|tryHold"))
                .toList();
        assertThat(acquires).isNotEmpty().allMatch(CheckedResultsTest::isChecked);
    }

    /** Whoever names the owner can release without the handle. */
    @Test
    void a_handle_must_not_be_ignored_if_there_is_no_other_way_to_release() {
        List<Method> holds = Stream.of(HoldfastLock.class, HoldfastSemaphore.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> method.getName().equals("hold"))
                .toList();
        assertThat(holds)
                .isNotEmpty()
                .allMatch(hold -> isChecked(hold) != (hold.getParameterTypes()[0] == LockOwner.class));
    }

    @Test
    void copies_of_options_must_not_be_ignored() {
        assertThat(List.of(AcquireOptions.class, LockOptions.class, ClientOptions.class, LockableOptions.class))
                .allMatch(CheckedResultsTest::isChecked);
    }

    @Test
    void users_without_the_annotation_compile_without_a_warning() {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Assumptions.assumeTrue(compiler != null, "this Java runtime has no compiler");
        String without = Arrays.stream(
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                                .split(File.pathSeparator))
                .filter(entry -> !entry.contains("error_prone_annotations"))
                .collect(Collectors.joining(File.pathSeparator));
        StringWriter said = new StringWriter();
        boolean compiled = compiler.getTask(
                        said,
                        null,
                        null,
                        List.of("-Xlint:all", "-Werror", "-proc:none", "-d", classes.toString(), "-cp", without),
                        null,
                        List.of(new User()))
                .call();
        assertThat(compiled).as(said.toString()).isTrue();
    }

    private static final class User extends SimpleJavaFileObject {
        User() {
            super(URI.create("string:///user/User.java"), Kind.SOURCE);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return """
                    package user;

                    import dev.holdfast.client.*;

                    final class User {
                        long use(HoldfastClient client, Lockable lockable) throws InterruptedException {
                            AcquireOptions options = AcquireOptions.defaults().untilReleased();
                            HoldfastLock lock = client.createLock(LockOptions.defaults().reentrant());
                            LockHandle handle = lock.hold(lockable, options);
                            handle.release();
                            return handle.token();
                        }
                    }
                    """;
        }
    }
}
