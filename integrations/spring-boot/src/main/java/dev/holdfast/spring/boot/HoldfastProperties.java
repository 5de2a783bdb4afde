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
     * @param timeout How long the start waits until locks can be taken, before the web server takes traffic. Zero not to wait.
     * @param onTimeout What to do when that time is up.
     */
    public record Start(
            @DefaultValue("10s") Duration timeout,
            @DefaultValue("continue") OnTimeout onTimeout) {}

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
     * @param timeout How long the health check and the endpoint wait for the cluster to answer.
     */
    public record Actuator(@DefaultValue("1s") Duration timeout) {}
}
