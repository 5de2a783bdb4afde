package dev.holdfast.spring.boot;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.tls.Tls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options of the application's client. */
final class ClientSettings {
    private static final String PREFIX = "holdfast.client.";
    private static final Duration PAUSE_MIN = ClientOptions.defaults().retryPauseMin();
    private static final Duration PAUSE_MAX = ClientOptions.defaults().retryPauseMax();

    private final HoldfastClientProperties properties;
    private final @Nullable String application;
    private final List<ClientOptionsCustomizer> customizers;

    /** @param application its name; {@code null} if it has none */
    ClientSettings(
            HoldfastClientProperties properties,
            @Nullable String application,
            List<ClientOptionsCustomizer> customizers) {
        this.properties = properties;
        this.application = application == null || application.isBlank() ? null : application;
        this.customizers = customizers;
    }

    /** For a client of peers elsewhere. */
    ClientOptions thin(ClientOptions defaults) {
        ClientOptions options = common(defaults);
        options = Setting.apply(options, PREFIX + "cluster-name", properties.clusterName(), ClientOptions::clusterName);
        options = Setting.apply(options, PREFIX + "cluster-id", properties.clusterId(), ClientOptions::clusterId);
        String token = properties.token();
        String tokenFile = properties.tokenFile();
        if (token != null && tokenFile != null) {
            throw Setting.missing(PREFIX + "token and " + PREFIX + "token-file are both set", "Remove one of them.");
        }
        if (token != null) {
            options = options.token(() -> token);
        }
        if (tokenFile != null) {
            Path file = Setting.path(PREFIX + "token-file", tokenFile);
            options = options.tokenFile(file);
        }
        if (properties.insecureToken()) {
            options = options.insecure();
        }
        Tls tls = TlsFiles.of(PREFIX + "tls", properties.tls());
        if (tls != null) {
            options = options.tls(tls);
        }
        return customized(options);
    }

    /** For the client of the embedded peer, which knows its cluster and is known to it. */
    ClientOptions embedded(ClientOptions defaults) {
        if (properties.token() != null
                || properties.tokenFile() != null
                || properties.tls() != null
                || properties.clusterName() != null
                || properties.clusterId() != null
                || properties.insecureToken()) {
            throw Setting.missing(
                    "holdfast.mode is 'embedded', but properties of holdfast.client are set that say how to reach peers"
                            + " elsewhere: token, token-file, insecure-token, tls, cluster-name or cluster-id",
                    "Remove them, or move them to holdfast.node; or set holdfast.mode to 'thin'.");
        }
        return customized(common(defaults));
    }

    private ClientOptions common(ClientOptions defaults) {
        ClientOptions options = defaults;
        if (application != null && properties.name() == null) {
            options = Setting.apply(options, "spring.application.name", application, ClientOptions::name);
        }
        options = Setting.apply(options, PREFIX + "name", properties.name(), ClientOptions::name);
        options = Setting.apply(options, PREFIX + "host", properties.host(), ClientOptions::host);
        options = Setting.apply(
                options, PREFIX + "session-lease", properties.sessionLease(), ClientOptions::sessionLease);
        options = Setting.apply(
                options, PREFIX + "request-timeout", properties.requestTimeout(), ClientOptions::requestTimeout);
        Duration min = properties.retryPauseMin();
        Duration max = properties.retryPauseMax();
        if (min == null && max == null) {
            return options;
        }
        Duration shortest = min == null ? PAUSE_MIN : min;
        Duration longest = max == null ? PAUSE_MAX : max;
        return Setting.apply(
                options,
                min == null ? PREFIX + "retry-pause-max" : PREFIX + "retry-pause-min",
                min == null ? longest : shortest,
                (target, any) -> target.retryPause(shortest, longest));
    }

    private ClientOptions customized(ClientOptions options) {
        ClientOptions customized = options;
        for (ClientOptionsCustomizer each : customizers) {
            customized = each.customize(customized);
        }
        return customized;
    }
}
