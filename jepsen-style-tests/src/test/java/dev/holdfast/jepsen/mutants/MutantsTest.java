package dev.holdfast.jepsen.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds known defects into the product, one at a time, and demands that the simulation finds each. With
 * {@code -Dholdfast.mutants.outside=true} it also tells which are found from what clients see alone, without a look into the
 * state machine.
 */
class MutantsTest {
    private static final boolean OUTSIDE = Boolean.getBoolean("holdfast.mutants.outside");
    private static final long SEEDS = Long.getLong("holdfast.mutants.seeds", 1000);

    @TempDir
    Path folder;

    @Test
    void every_mutant_is_killed() throws Exception {
        if (!MutatedProduct.canBeMade()) {
            System.out.println("skipped: mutants, for this Java runtime has no compiler");
        }
        assumeTrue(MutatedProduct.canBeMade());
        List<String> survivors = new ArrayList<>();
        System.out.println("mutant | seen in | killed | killed from what clients see alone");
        for (Mutant mutant : Mutant.all()) {
            String killed = killer(mutant, true);
            String killedFromOutside = OUTSIDE ? killer(mutant, false) : "not tried";
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
    void the_product_itself_survives_them_loaded_in_the_same_way() throws Exception {
        assumeTrue(MutatedProduct.canBeMade());
        try (MutatedProduct same = MutatedProduct.of(
                new Mutant("none", "", List.of()), root(), Files.createTempDirectory(folder, "same"))) {
            assertThat(same.firstFailure(SEEDS / 10, true)).isNull();
        }
    }

    private String killer(Mutant mutant, boolean watched) throws Exception {
        try (MutatedProduct product = MutatedProduct.of(mutant, root(), Files.createTempDirectory(folder, "mutant"))) {
            return product.firstFailure(SEEDS, watched);
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
