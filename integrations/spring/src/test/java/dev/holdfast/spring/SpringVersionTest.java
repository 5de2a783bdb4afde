package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.core.SpringVersion;

/** That the tests run with the Spring that the build wants them to run with. */
class SpringVersionTest {

    @Test
    void spring_is_the_one_that_is_to_be_tested() {
        assertThat(SpringVersion.getVersion()).isEqualTo(System.getProperty("holdfast.test.spring"));
    }
}
