package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.core.ResolvableType;
import org.springframework.integration.support.locks.LockRegistry;

class FrameworkVersionTest {
    @Test
    void each_run_has_the_version_that_it_is_meant_to_have() {
        String expected = System.getProperty("spring-integration.expected");
        assertThat(expected).as("set by the build, for each run").isNotNull();

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
