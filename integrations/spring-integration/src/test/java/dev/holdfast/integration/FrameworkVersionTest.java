package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.springframework.core.ResolvableType;
import org.springframework.integration.support.locks.LockRegistry;

class FrameworkVersionTest {
    @Test
    void a_run_against_the_oldest_version_has_that_one() {
        String expected = System.getProperty("spring-integration.expected");
        assumeTrue(expected != null, "this run takes the version that it was compiled against");

        assertThat(LockRegistry.class.getPackage().getImplementationVersion()).isEqualTo(expected);
    }

    /** A class that fills in a type parameter cannot be looked at where there is none; Spring looks at those of all beans. */
    @Test
    void its_generic_type_can_be_looked_at() {
        assertThat(ResolvableType.forClass(HoldfastLockRegistry.class)
                        .as(LockRegistry.class)
                        .resolve())
                .isEqualTo(LockRegistry.class);
    }
}
