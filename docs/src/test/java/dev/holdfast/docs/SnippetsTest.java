package dev.holdfast.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles the Java that the pages show. A block is a whole compilation unit, or statements, which may use the names below.
 * Code of other libraries is fenced as {@code java no-compile}.
 */
class SnippetsTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```java *\\n(.*?)^ *```");
    private static final Pattern UNIT =
            Pattern.compile("(?m)^(public |final |abstract )*(class|interface|record|enum) (\\w+)");

    private static final String IMPORTS = """
            import dev.holdfast.client.*;
            import dev.holdfast.client.access.*;
            import dev.holdfast.client.election.*;
            import dev.holdfast.client.errors.*;
            import dev.holdfast.client.fencing.*;
            import dev.holdfast.client.hooks.*;
            import dev.holdfast.client.info.*;
            import dev.holdfast.client.remote.*;
            import dev.holdfast.node.*;
            import dev.holdfast.spring.*;
            import dev.holdfast.testkit.*;
            import java.nio.file.*;
            import java.sql.*;
            import java.time.*;
            import java.util.*;
            import java.util.concurrent.*;
            import javax.sql.DataSource;
            """;

    private static final String BEFORE = """
            abstract class Snippet {
                HoldfastClient client;
                HoldfastNode node;
                HoldfastLock lock;
                HoldfastSemaphore semaphore;
                LockableDefinition orders;
                Lockable order, report;
                LockOwner ada, worker, me;
                LockHandle held;
                DataSource dataSource;
                Connection connection;
                abstract void save(Lockable what, long token);
                abstract void writeReport(long token);
                abstract void charge(String order, long token);
                abstract void callPartner();
                void snippet() throws Exception {
            """;

    private static final String AFTER = "\n}\n}\n";

    @TempDir
    private Path classes;

    private record Snippet(String place, String code) {

        /** In a package of its own, so that all of them can be compiled at once. */
        String source(String packageName) {
            String head = "package " + packageName + ";\n" + IMPORTS;
            if (!UNIT.matcher(code).find()) {
                return head + BEFORE + code + AFTER;
            }
            return head
                    + code.lines().filter(line -> !line.startsWith("package ")).collect(Collectors.joining("\n"));
        }

        String typeName() {
            Matcher type = UNIT.matcher(code);
            return type.find() ? type.group(3) : "Snippet";
        }
    }

    private static List<Snippet> snippets() {
        return Repository.pages().stream().flatMap(SnippetsTest::snippets).toList();
    }

    private static Stream<Snippet> snippets(Path page) {
        String text = Repository.read(page);
        return BLOCK.matcher(text).results().map(block -> {
            long line = text.substring(0, block.start()).lines().count() + 1;
            return new Snippet(Repository.name(page) + ":" + line, block.group(2));
        });
    }

    @Test
    void what_the_pages_show_compiles() {
        assertThat(errors(snippets())).isEmpty();
    }

    @Test
    void the_readme_and_the_guides_show_java() {
        assertThat(snippets().stream().map(snippet -> snippet.place().replaceAll(":.*", "")))
                .contains("README.md", "docs/api.md", "docs/fencing.md", "docs/quickstart-embedded.md");
    }

    @Test
    void a_snippet_that_uses_what_is_not_there_is_rejected() {
        assertThat(errors(List.of(new Snippet("here", "lock.holdTight(order);"))))
                .singleElement()
                .asString()
                .startsWith("here: ")
                .contains("holdTight");
    }

    private List<String> errors(List<Snippet> snippets) {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK, not a JRE");
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<String> options = List.of(
                "-proc:none",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")));
        List<Source> sources = IntStream.range(0, snippets.size())
                .mapToObj(number -> new Source(snippets.get(number), "snippet" + number))
                .toList();
        compiler.getTask(null, null, found, options, null, sources).call();
        List<String> errors = new ArrayList<>();
        for (Diagnostic<? extends JavaFileObject> each : found.getDiagnostics()) {
            if (each.getKind() == Diagnostic.Kind.ERROR) {
                String place = each.getSource() instanceof Source source ? source.place : "javac";
                errors.add(place + ": " + each.getMessage(null));
            }
        }
        return errors;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String place;
        private final String text;

        Source(Snippet snippet, String packageName) {
            super(URI.create("string:///" + packageName + "/" + snippet.typeName() + ".java"), Kind.SOURCE);
            this.place = snippet.place();
            this.text = snippet.source(packageName);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
