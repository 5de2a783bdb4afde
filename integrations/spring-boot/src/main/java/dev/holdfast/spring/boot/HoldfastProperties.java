package dev.holdfast.spring.boot;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is common to both modes.
 *
 * @param enabled Whether a client, and in the mode "embedded" a peer, is configured.
 * @param mode Whether the application is a client of peers elsewhere, or has a peer in its own process.
 * @param servers Where the peers serve clients, each as host:port; for the mode "thin". One that is up is enough to find the others, but name
 *     all of them.
 * @param start How the application starts.
 * @param actuator What the actuator shows.
 */
@ConfigurationProperties("holdfast")
public record HoldfastProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("thin") HoldfastMode mode,
        @Nullable List<String> servers,
        @DefaultValue Start start,
        @DefaultValue Actuator actuator) {

    /**
     * How the application starts.
     *
     * @param timeout How long the start waits until locks can be taken, before the web server takes traffic. 100 ms to 1 h; zero not to wait.
     * @param onTimeout What to do when that time is up.
     */
    public record Start(
            @DefaultValue("10s") Duration timeout,
            @DefaultValue("continue") OnTimeout onTimeout) {

        /** Checks the timeout. */
        public Start {
            if (!timeout.isZero()) {
                Setting.within("holdfast.start.timeout", timeout, Duration.ofMillis(100), Duration.ofHours(1));
            }
        }
    }

    /** What the start does when it has waited in vain. */
    public enum OnTimeout {
        /** It goes on with a warning. The health says that it is not ready. */
        CONTINUE,
        /** It fails. */
        FAIL
    }

    /**
     * What the actuator shows.
     *
     * @param timeout How long the health check and the endpoint wait for the cluster to answer: 100 ms to 1 min.
     */
    public record Actuator(@DefaultValue("1s") Duration timeout) {

        /** Checks the timeout. */
        public Actuator {
            Setting.within("holdfast.actuator.timeout", timeout, Duration.ofMillis(100), Duration.ofMinutes(1));
        }
    }
}
