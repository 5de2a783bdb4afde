package dev.holdfast.server.serve;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the start of this process goes, if that started it as a service of {@code Type=notify}; else does nothing.
 *
 * <p>The messages go to a UNIX datagram socket, which JDK 17 cannot open. So {@code systemd-notify}, which is wherever systemd is, sends
 * them: as a child, for which the unit needs {@code NotifyAccess=all}. Calls wait for it, for some seconds at most.
 */
final class ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final boolean listens;

    private ServiceManager(boolean listens) {
        this.listens = listens;
    }

    static ServiceManager of(Map<String, String> environment) {
        return new ServiceManager(!environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty());
    }

    /**
     * That the start is over, so that "systemctl start" returns and what comes after this service is started.
     *
     * @return whether it was told, or nobody wants to know
     */
    boolean started(String status) throws InterruptedException {
        return send("--ready", status);
    }

    /** What "systemctl status" shows. */
    void status(String status) throws InterruptedException {
        var unused = send("", status);
    }

    private boolean send(String what, String status) throws InterruptedException {
        if (!listens) {
            return true;
        }
        List<String> command = new ArrayList<>(List.of("systemd-notify", "--status=" + status));
        if (!what.isEmpty()) {
            command.add(what);
        }
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.INHERIT)
                    .start();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                LOG.warn("systemd was not told that {}: systemd-notify did not end within {}", status, PATIENCE);
            } else if (process.exitValue() != 0) {
                LOG.warn("systemd was not told that {}: systemd-notify ended with {}", status, process.exitValue());
            } else {
                return true;
            }
        } catch (IOException e) {
            LOG.warn("systemd was not told that {}: {}", status, e.getMessage());
        }
        return false;
    }
}
