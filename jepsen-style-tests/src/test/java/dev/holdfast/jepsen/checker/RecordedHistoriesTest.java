package dev.holdfast.jepsen.checker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Histories that others recorded, and whose verdicts are known. They lie beside the repository, if at all. */
class RecordedHistoriesTest {
    private static final Path FOLDER = Path.of("../../shared/histories");

    /** The register histories that are linearizable; all others are not. */
    private static final Set<Integer> LINEARIZABLE = Set.of(2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56);

    private static final Pattern REGISTER_LINE =
            Pattern.compile(".* - (\\d+)\\s+:(invoke|ok|fail|info)\\s+:(read|write|cas)\\s+(.*)");
    private static final Pattern KV_LINE = Pattern.compile(
            "\\{:process (\\d+), :type :(invoke|ok), :f :(get|put|append), :key \"(.*)\", :value (nil|\"(.*)\")\\}");

    /** {@code to} is what was read or written; {@code failed} a comparison that did not hold. */
    private record RegisterOperation(String kind, String from, String to, boolean failed) {}

    private record KvOperation(String kind, String value) {}

    private record Invoked(long at, String value) {}

    @BeforeAll
    static void histories_are_there() {
        if (!Files.isDirectory(FOLDER)) {
            System.out.println("SKIPPED RecordedHistoriesTest: there is no "
                    + FOLDER.toAbsolutePath().normalize());
            Assumptions.abort("no recorded histories");
        }
    }

    static Stream<Integer> registers() {
        return IntStream.rangeClosed(0, 102)
                .filter(number -> Files.exists(register(number)))
                .boxed();
    }

    private static Path register(int number) {
        return FOLDER.resolve(String.format("register/etcd_%03d.log", number));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("registers")
    void a_register_is_judged_correctly(int number) throws IOException {
        Verdict verdict =
                readRegister(Files.readAllLines(register(number))).judge("nil", RecordedHistoriesTest::registerAfter);
        assertThat(verdict).isEqualTo(LINEARIZABLE.contains(number) ? Verdict.OK : Verdict.ILLEGAL);
    }

    @Test
    void what_is_wrong_with_a_register_is_shown_by_few_of_its_operations() throws IOException {
        List<Integer> sizes = new ArrayList<>();
        for (int number : List.of(0, 1, 3, 4, 6, 8)) {
            if (Files.exists(register(number))) {
                Foreign<RegisterOperation, String> history = readRegister(Files.readAllLines(register(number)));
                sizes.add(history.smallest("nil", RecordedHistoriesTest::registerAfter)
                        .operations()
                        .size());
            }
        }
        System.out.println("RecordedHistoriesTest: registers are shown to be wrong by " + sizes + " operations");
        assertThat(sizes).allSatisfy(size -> assertThat(size).isBetween(1, 12));
    }

    private static Foreign<RegisterOperation, String> readRegister(List<String> lines) {
        Foreign<RegisterOperation, String> history = new Foreign<>();
        Map<String, Invoked> pending = new HashMap<>();
        Map<String, String> kinds = new HashMap<>();
        long time = 0;
        for (String line : lines) {
            Matcher match = REGISTER_LINE.matcher(line);
            if (!match.matches()) {
                continue;
            }
            time++;
            String process = match.group(1);
            String kind = match.group(3);
            String value = match.group(4).trim();
            Invoked invoked = pending.get(process);
            switch (match.group(2)) {
                case "invoke" -> {
                    pending.put(process, new Invoked(time, value));
                    kinds.put(process, kind);
                }
                case "ok" -> {
                    history.completed("r", operation(kind, value, false), invoked.at, time);
                    pending.remove(process);
                }
                case "fail" -> {
                    // A read that failed read nothing; a comparison that failed did not hold.
                    if (kind.equals("cas")) {
                        history.completed("r", operation(kind, invoked.value, true), invoked.at, time);
                    }
                    pending.remove(process);
                }
                default -> {
                    // Its process is never heard of again: the operation stays pending.
                }
            }
        }
        pending.forEach((process, invoked) -> {
            if (!kinds.get(process).equals("read")) {
                history.unknown("r", operation(kinds.get(process), invoked.value, false), invoked.at);
            }
        });
        return history;
    }

    private static RegisterOperation operation(String kind, String value, boolean failed) {
        if (!kind.equals("cas")) {
            return new RegisterOperation(kind, "", value, failed);
        }
        String[] words = value.substring(1, value.length() - 1).split(" ");
        return new RegisterOperation(kind, words[0], words[1], failed);
    }

    private static String registerAfter(String state, RegisterOperation operation) {
        return switch (operation.kind) {
            case "read" -> state.equals(operation.to) ? state : null;
            case "write" -> operation.to;
            default -> {
                boolean equal = state.equals(operation.from);
                if (operation.failed) {
                    yield equal ? null : state;
                }
                yield equal ? operation.to : null;
            }
        };
    }

    static Stream<String> stores() {
        return Stream.of("c01-ok", "c01-bad", "c10-ok", "c10-bad")
                .filter(name -> Files.exists(FOLDER.resolve("kv/" + name + ".txt")));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("stores")
    void a_key_value_store_is_judged_correctly(String name) throws IOException {
        Foreign<KvOperation, String> history = new Foreign<>();
        Map<String, Invoked> pending = new HashMap<>();
        long time = 0;
        for (String line : Files.readAllLines(FOLDER.resolve("kv/" + name + ".txt"))) {
            Matcher match = KV_LINE.matcher(line);
            assertThat(match.matches()).as(line).isTrue();
            time++;
            String value = match.group(6) == null ? "" : match.group(6);
            if (match.group(2).equals("invoke")) {
                pending.put(match.group(1), new Invoked(time, value));
            } else {
                Invoked invoked = pending.remove(match.group(1));
                String told = match.group(3).equals("get") ? value : invoked.value;
                history.completed(match.group(4), new KvOperation(match.group(3), told), invoked.at, time);
            }
        }
        Verdict verdict = history.judge("", (state, operation) -> switch (operation.kind) {
            case "put" -> operation.value;
            case "append" -> state + operation.value;
            default -> state.equals(operation.value) ? state : null;
        });
        assertThat(verdict).isEqualTo(name.endsWith("ok") ? Verdict.OK : Verdict.ILLEGAL);
    }
}
