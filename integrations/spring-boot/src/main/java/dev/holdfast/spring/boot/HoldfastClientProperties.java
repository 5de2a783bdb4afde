package dev.holdfast.spring.boot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/**
 * The application's client. A property that is not there is an error.
 *
 * @param name What the client calls itself, for people who look at locks; the application's name if there is one.
 * @param host Where the client runs, for people who look at locks; the machine's host name if not given.
 * @param clusterName Name of the cluster, as its members are configured; peers of other clusters are passed over. For the mode "thin".
 * @param clusterId Id of the cluster; peers of other clusters are passed over. For the mode "thin".
 * @param sessionLease How long the client's session, and with it what it holds, outlives its last renewal: 200 ms to 1 h; 8 s if not given.
 * @param requestTimeout How long one operation is tried before it fails: up to 1 h; 10 s if not given.
 * @param retryPauseMin Pause before an attempt is repeated for the first time; 20 ms if not given.
 * @param retryPauseMax Longest pause before an attempt is repeated: up to 1 min; 500 ms if not given.
 * @param token Token by which the peers know who the client is. For the mode "thin".
 * @param tokenFile File with that token and nothing else, which is read again for each connection. For the mode "thin".
 * @param insecureToken Whether the token may travel without TLS to other machines.
 * @param tls How connections to the peers are secured. For the mode "thin".
 */
@ConfigurationProperties(prefix = "holdfast.client", ignoreUnknownFields = false)
public record HoldfastClientProperties(
        @Nullable String name,
        @Nullable String host,
        @Nullable String clusterName,
        @Nullable String clusterId,
        @Nullable Duration sessionLease,
        @Nullable Duration requestTimeout,
        @Nullable Duration retryPauseMin,
        @Nullable Duration retryPauseMax,
        @Nullable String token,
        @Nullable String tokenFile,
        boolean insecureToken,
        @Nullable @NestedConfigurationProperty TlsProperties tls) {

    /** Without the token. */
    @Override
    public String toString() {
        return "HoldfastClientProperties[name=" + name + "]";
    }
}
