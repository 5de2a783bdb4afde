package dev.holdfast.client.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ClassPathTest {
    @Test
    void this_class_path_fits() {
        assertThatCode(ClassPath::check).doesNotThrowAnyException();
    }

    @Test
    void a_runtime_older_than_the_generated_code_is_reported_with_both_versions() {
        // As protobuf's generated classes fail when they are initialised.
        RuntimeException tooOld =
                new IllegalStateException("Detected incompatible Protobuf Gencode/Runtime versions when"
                        + " loading ClientFrame: gencode 99.1.2, runtime 4.28.3. Runtime version cannot be older than the linked"
                        + " gencode version.");

        assertThatThrownBy(() -> ClassPath.check(() -> {
                    throw new ExceptionInInitializerError(tooOld);
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the class path has protobuf-java 4.")
                .hasMessageContaining("gRPC 1.")
                .hasMessageContaining("needs protobuf-java 99.1.2 or newer")
                .hasRootCause(tooOld);
    }

    @Test
    void a_method_that_is_missing_is_reported_by_its_name() {
        assertThatThrownBy(() -> ClassPath.check(() -> {
                    throw new NoSuchMethodError("io.grpc.Channel.newCall()");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holdfast-bom")
                .hasMessageContaining("NoSuchMethodError: io.grpc.Channel.newCall()");
    }

    @Test
    void a_conflict_is_found_behind_other_failures_and_nowhere_else() {
        LinkageError conflict = new NoSuchMethodError("x");

        assertThat(ClassPath.conflict(new CompletionException(new IOException(conflict))))
                .isSameAs(conflict);
        assertThat(ClassPath.conflict(new IOException("down"))).isNull();
        assertThat(ClassPath.conflict(null)).isNull();
    }
}
