package dev.holdfast.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Applications get protobuf-java, gRPC and SLF4J in the versions of their BOM, whatever Holdfast was built with. Builds an
 * application with a node in it, and one with a client only, under the oldest and newest BOMs that
 * {@code docs/compatibility.md} claims; runs both, and compares the versions with those of the document.
 */
@Tag("long")
class CompatibilityIT {
    private static final Path DOCUMENT = Path.of("..", "docs", "compatibility.md");
    private static final Duration TIMEOUT = Duration.ofSeconds(120);

    static Stream<Bom> boms() {
        return Stream.of(
                Bom.springBoot("3.5.0"),
                Bom.springBoot("3.5.16"),
                Bom.springBoot("4.0.0"),
                Bom.springBoot("4.0.9"),
                Bom.springBoot("4.1.0"),
                Bom.springBoot("4.1.2"),
                Bom.quarkus("3.33.2"),
                Bom.quarkus("3.40.1"),
                Bom.grpc("1.58.0"),
                Bom.grpc("1.85.1"),
                Bom.protobuf("4.28.3"));
    }

    @TempDir
    Path data;

    @ParameterizedTest(name = "{0}")
    @MethodSource("boms")
    void an_embedder_and_a_thin_client_compile_without_a_warning_and_take_a_lock(Bom bom)
            throws IOException, InterruptedException {
        Application application = Application.build(bom);
        Path logs = application.folder();
        try (Child embedder = Child.start(
                logs.resolve("embedder.log"), application.command("embedder", "app.Embedder", data.toString()))) {
            String peer = embedder.awaitLine("peer ", TIMEOUT);
            assertThat(embedder.line("token ")).contains("1");

            try (Child thin = Child.start(
                    logs.resolve("thin-client.log"), application.command("thin-client", "app.ThinClient", peer))) {
                assertThat(thin.awaitEnd(TIMEOUT)).as(thin::text).isZero();
                assertThat(thin.line("token ")).contains("2");
                assertThat(thin.line("closed")).isPresent();
            }

            embedder.endInput();
            assertThat(embedder.awaitEnd(TIMEOUT)).as(embedder::text).isZero();
            assertThat(embedder.line("closed")).isPresent();
        }
        String row = row(bom, application);
        System.out.println(row);
        assertThat(Files.readAllLines(DOCUMENT)).contains(row);
    }

    private static String row(Bom bom, Application application) throws IOException {
        return String.format(
                "| %s | %s | %s | %s | runs | runs |",
                bom,
                versions(application, "protobuf-java"),
                versions(application, "grpc-[a-z-]+"),
                versions(application, "slf4j-api"));
    }

    private static String versions(Application application, String artifact) throws IOException {
        assertThat(application.versions("thin-client", artifact)).isEqualTo(application.versions("embedder", artifact));
        return String.join(", ", application.versions("embedder", artifact));
    }
}
