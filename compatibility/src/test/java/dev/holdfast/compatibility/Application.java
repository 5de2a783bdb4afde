package dev.holdfast.compatibility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The applications of {@code src/application}, compiled under one BOM, warnings being errors, with what it resolves to. */
final class Application {
    private static final Path TEMPLATE = Path.of("src", "application");
    private static final Duration BUILD_TIMEOUT = Duration.ofMinutes(9);

    private final Path folder;

    private Application(Path folder) {
        this.folder = folder;
    }

    static Application build(Bom bom) throws IOException, InterruptedException {
        Path target = Path.of(System.getProperty("build.folder"));
        Path folder = target.resolve("applications").resolve(bom.artifactId() + "-" + bom.version());
        copy(TEMPLATE, folder);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                "--batch-mode",
                "--no-transfer-progress",
                "--global-settings",
                settings(target).toString(),
                "--file",
                folder.resolve("pom.xml").toString(),
                "-Dmaven.repo.local=" + System.getProperty("applications.repository"),
                "-Dbom.groupId=" + bom.groupId(),
                "-Dbom.artifactId=" + bom.artifactId(),
                "-Dbom.version=" + bom.version()));
        for (String name : List.of(
                "holdfast.version",
                "maven-compiler-plugin.version",
                "maven-dependency-plugin.version",
                "maven-resources-plugin.version")) {
            command.add("-D" + name + "=" + System.getProperty(name));
        }
        if (System.getProperty("maven.mode").equals("offline=true")) {
            command.addAll(List.of("--offline", "-Daether.offline.protocols=file"));
        }
        command.add("compile");
        try (Child maven = Child.start(folder.resolve("maven.log"), command)) {
            if (maven.awaitEnd(BUILD_TIMEOUT) != 0) {
                throw new AssertionError("does not build under " + bom + ":\n" + maven.text());
            }
        }
        return new Application(folder);
    }

    Path folder() {
        return folder;
    }

    /** The command that runs one of its modules. */
    List<String> command(String module, String mainClass, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                folder.resolve(module).resolve("target").resolve("classes")
                        + System.getProperty("path.separator")
                        + classPath(module),
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The versions of the artifacts with that prefix on a module's class path. */
    Set<String> versions(String module, String artifact) throws IOException {
        Matcher matcher = Pattern.compile("/" + artifact + "-(\\d[^/]*)\\.jar")
                .matcher(classPath(module).replace('\\', '/'));
        Set<String> versions = new TreeSet<>();
        while (matcher.find()) {
            versions.add(matcher.group(1));
        }
        return versions;
    }

    private String classPath(String module) throws IOException {
        return Files.readString(folder.resolve(module).resolve("target").resolve("class-path"))
                .strip();
    }

    /** Lets the applications' Maven take what the user's local repository has already. */
    private static Path settings(Path target) throws IOException {
        String repository = "<id>already-here</id><url>"
                + Path.of(System.getProperty("user.repository")).toUri() + "</url>";
        return Files.writeString(target.resolve("settings.xml"), """
                <settings>
                  <profiles>
                    <profile>
                      <id>already-here</id>
                      <repositories><repository>%1$s</repository></repositories>
                      <pluginRepositories><pluginRepository>%1$s</pluginRepository></pluginRepositories>
                    </profile>
                  </profiles>
                  <activeProfiles><activeProfile>already-here</activeProfile></activeProfiles>
                </settings>
                """.formatted(repository));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.writeString(copy, Files.readString(file));
                }
            }
        }
    }
}
