package dev.holdfast.jepsen.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Builds known defects into the product, one at a time, and demands that the simulation finds each. With
 * {@code -Dholdfast.mutants.outside=true} the long form also tells which are found from what clients see alone, without a look
 * into the state machine.
 */
class MutantsTest {
    private static final boolean OUTSIDE = Boolean.getBoolean("holdfast.mutants.outside");
    private static final long SEEDS = Long.getLong("holdfast.mutants.seeds", 1000);

    @TempDir
    Path folder;

    @Test
    void every_mutant_finds_its_target_in_the_sources() {
        assertThat(Mutant.all())
                .allSatisfy(mutant ->
                        assertThat(MutatedProduct.sources(mutant, root())).isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"no such text", "import"})
    void a_mutant_whose_target_does_not_occur_exactly_once_is_rejected(String find) {
        Mutant mutant = Mutant.of("", "", "statemachine", "dev.holdfast.statemachine.LockMachine", find, "");
        assertThatThrownBy(() -> MutatedProduct.sources(mutant, root()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("LockMachine.java");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a repeated request is done again",
                "a grant to a session that is dead is taken for a hold",
                "a voter with an emptied disk votes"
            })
    void the_simulations_kill_a_mutant_of_the_cluster_one_of_the_client_and_one_of_the_members(String name)
            throws Exception {
        requireCompiler();
        Mutant mutant = Mutant.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        String failure = killer(mutant, true);
        System.out.println("MutantsTest: " + name + ": " + failure);
        assertThat(failure).isNotNull();
    }

    @Test
    @Tag("long")
    void every_mutant_is_killed() throws Exception {
        requireCompiler();
        List<String> survivors = new ArrayList<>();
        System.out.println("mutant | seen in | killed | killed from what clients see alone");
        for (Mutant mutant : Mutant.all()) {
            String killed = killer(mutant, true);
            String killedFromOutside =
                    OUTSIDE && mutant.check().equals(Mutant.Check.CLIENTS) ? killer(mutant, false) : "not tried";
            System.out.printf(
                    "%s | %s | %s | %s%n", mutant.name(), mutant.seenIn(), shown(killed), shown(killedFromOutside));
            if (killed == null) {
                survivors.add(mutant.name());
            }
        }
        assertThat(survivors)
                .as("mutants that nothing noticed in " + SEEDS + " seeds")
                .isEmpty();
    }

    /** So that a kill says something about the mutant. */
    @Test
    @Tag("long")
    void the_unchanged_product_survives_when_it_is_loaded_in_the_same_way() throws Exception {
        requireCompiler();
        try (MutatedProduct same = MutatedProduct.of(
                new Mutant("none", "", List.of(), Mutant.Check.CLIENTS),
                root(),
                Files.createTempDirectory(folder, "same"))) {
            for (Mutant.Check check : Mutant.checks()) {
                assertThat(same.firstFailure(check, SEEDS, true)).isNull();
            }
        }
    }

    private String killer(Mutant mutant, boolean watched) throws Exception {
        try (MutatedProduct product = MutatedProduct.of(mutant, root(), Files.createTempDirectory(folder, "mutant"))) {
            return product.firstFailure(mutant.check(), SEEDS, watched);
        }
    }

    private static void requireCompiler() {
        if (!MutatedProduct.canBeMade()) {
            System.out.println("SKIPPED MutantsTest: this Java runtime has no compiler");
            abort("no compiler");
        }
    }

    private static String shown(String failure) {
        if (failure == null) {
            return "no";
        }
        return failure.length() <= 110 ? failure : failure.substring(0, 110) + "...";
    }

    /** Of the repository: tests run in their module. */
    private static Path root() {
        return Path.of("").toAbsolutePath().getParent();
    }
}
