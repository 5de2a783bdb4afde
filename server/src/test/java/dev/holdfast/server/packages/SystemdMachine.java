package dev.holdfast.server.packages;

import static org.awaitility.Awaitility.await;

import dev.holdfast.server.CommandProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A machine with systemd, root's alone, on this one: it begins with the files of this one, and all that it changes goes to memory. Its
 * processes, its network and its cgroups are its own. When it is closed nothing is left of it.
 */
final class SystemdMachine implements AutoCloseable {
    private static final List<String> NEEDED = List.of(
            "bash",
            "unshare",
            "nsenter",
            "pivot_root",
            "setpriv",
            "ip",
            "dpkg",
            "adduser",
            "systemctl",
            "systemd-notify",
            "/lib/systemd/systemd");

    private final String name = "holdfast-machine-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    private final Path folder;
    private final Process outermost;

    private SystemdMachine(Path folder) throws IOException {
        this.folder = folder;
        Path script = folder.resolve("machine.sh");
        try (InputStream in = SystemdMachine.class.getResourceAsStream("machine.sh")) {
            Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
        }
        Path place = Files.createDirectory(folder.resolve("machine"));
        outermost = new ProcessBuilder("bash", script.toString(), place.toString(), name, "enter")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("machine.txt").toFile())
                .start();
    }

    /** Why there cannot be one here; null if there can. */
    static @Nullable String unavailable() throws Exception {
        if (!command("id", "-u").printed().equals("0")) {
            return "only root can make a machine of its own";
        }
        for (String each : NEEDED) {
            if (command("sh", "-c", "command -v " + each).exitCode() != 0) {
                return "there is no " + each;
            }
        }
        return null;
    }

    /** @param folder an empty one */
    static SystemdMachine start(Path folder) throws IOException {
        SystemdMachine machine = new SystemdMachine(folder);
        try {
            await().atMost(CommandProcess.PATIENCE).until(() -> !machine.outermost.isAlive() || machine.isUp());
        } catch (RuntimeException e) {
            machine.close();
            throw e;
        }
        if (!machine.outermost.isAlive()) {
            machine.close();
            throw new IOException(Files.readString(folder.resolve("machine.txt")));
        }
        return machine;
    }

    private boolean isUp() throws Exception {
        return Files.readString(folder.resolve("machine.txt")).contains("systemd begins")
                && run("systemctl is-active machine.target").printed().equals("active");
    }

    record Result(int exitCode, String printed) {}

    /** Runs that in a shell there, and waits for its end. */
    Result run(String shellCommand) throws IOException, InterruptedException {
        Optional<ProcessHandle> first = first();
        if (first.isEmpty()) {
            return new Result(1, "the machine has no process yet");
        }
        return command(
                "nsenter",
                "--target=" + first.get().pid(),
                "--mount",
                "--pid",
                "--cgroup",
                "--net",
                "--uts",
                "--ipc",
                "--root",
                "--wd",
                "env",
                "-i",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LC_ALL=C.UTF-8",
                "HOLDFAST_CLASS_ARCHIVE=off",
                "sh",
                "-c",
                shellCommand);
    }

    /** Copies a file to where it has the same name, in /root. */
    void bring(Path file) throws Exception {
        Process process = new ProcessBuilder(
                        "nsenter",
                        "--target=" + first().orElseThrow().pid(),
                        "--mount",
                        "--root",
                        "sh",
                        "-c",
                        "cat >'/root/" + file.getFileName() + "'")
                .redirectErrorStream(true)
                .redirectInput(file.toFile())
                .start();
        Result result = resultOf(process);
        if (result.exitCode() != 0) {
            throw new IOException(result.printed());
        }
    }

    private static Result command(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        return resultOf(process);
    }

    private static Result resultOf(Process process) throws IOException, InterruptedException {
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!process.waitFor(CommandProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("it does not end, having printed: " + printed);
        }
        return new Result(process.exitValue(), printed);
    }

    /** The first process there. */
    private Optional<ProcessHandle> first() {
        return outermost
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/systemd/systemd"))
                .min(Comparator.comparingLong(ProcessHandle::pid));
    }

    /** All processes of a PID namespace end with its first, and it ends with the input of the script. */
    @Override
    public void close() throws IOException {
        outermost.getOutputStream().close();
        await().atMost(CommandProcess.PATIENCE).until(() -> !outermost.isAlive());
    }
}
