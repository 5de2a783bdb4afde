package dev.holdfast.shedlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import net.javacrumbs.shedlock.core.LockProvider;
import org.junit.jupiter.api.Test;

class ShedLockVersionTest {
    @Test
    void each_run_has_the_version_that_it_is_meant_to_have() throws IOException {
        String expected = System.getProperty("shedlock.expected");
        assertThat(expected).as("set by the build, for each run").isNotNull();

        String jar = LockProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        try (JarFile file = new JarFile(jar)) {
            ZipEntry properties = Objects.requireNonNull(
                    file.getEntry("META-INF/maven/net.javacrumbs.shedlock/shedlock-core/pom.properties"), jar);
            assertThat(new String(file.getInputStream(properties).readAllBytes()))
                    .contains("version=" + expected);
        }
    }
}
