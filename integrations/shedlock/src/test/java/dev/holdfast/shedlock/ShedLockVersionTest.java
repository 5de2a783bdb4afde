package dev.holdfast.shedlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.Objects;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import net.javacrumbs.shedlock.core.LockProvider;
import org.junit.jupiter.api.Test;

class ShedLockVersionTest {
    @Test
    void a_run_against_the_oldest_version_has_that_one() throws IOException {
        String expected = System.getProperty("shedlock.expected");
        assumeTrue(expected != null, "this run takes the version that it was compiled against");

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
