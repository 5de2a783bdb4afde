package dev.holdfast.server.config;

import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.JwtOptions;
import dev.holdfast.server.config.Settings.TlsSettings;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what protects a peer: its TLS, and how it knows its clients. Reads none of the files that are named there. */
final class SecurityReader {
    /** Reads single settings, and notes what is wrong. */
    interface Source {
        /** The value; {@code null} after its problem was noted. */
        <T> @Nullable T value(Setting<T> setting);

        /** Notes a problem at the place where that setting was said. */
        void problem(Setting<?> setting, String what);

        /** The file of that name, relative to the configuration file's folder. */
        Path file(String name);
    }

    private final Source source;

    SecurityReader(Source source) {
        this.source = source;
    }

    /**
     * What members talk over, and what clients do.
     *
     * @param members {@code null} for no TLS
     * @param clients {@code null} for no TLS
     * @param requireClientCertificate whether clients must show one
     */
    record NodeTls(@Nullable Tls members, @Nullable Tls clients, boolean requireClientCertificate) {}

    NodeTls tls() {
        List<String> protocols = Objects.requireNonNullElse(source.value(Settings.TLS_PROTOCOLS), List.of());
        Tls members = tls(Settings.MEMBERS_TLS, protocols);
        Tls own = tls(Settings.CLIENTS_TLS, protocols);
        boolean same = isTrue(Settings.CLIENTS_SAME);
        boolean require = isTrue(Settings.CLIENTS_REQUIRE_CERTIFICATE);
        Tls clients = own != null ? own : same ? members : null;
        if (require && clients == null) {
            source.problem(
                    Settings.CLIENTS_REQUIRE_CERTIFICATE,
                    "is true, and there is no TLS for clients: they can show certificates over TLS only");
        }
        return new NodeTls(members, clients, require);
    }

    /** {@code null} if there is none, or something is wrong with it. */
    private @Nullable Tls tls(TlsSettings settings, List<String> protocols) {
        Path certificate = path(settings.certificate());
        Path key = path(settings.key());
        Path trust = path(settings.trust());
        Path store = path(settings.store());
        Path password = path(settings.storePasswordFile());
        if (Stream.of(certificate, key, trust, store, password).allMatch(Objects::isNull) || protocols.isEmpty()) {
            return null;
        }
        if (store != null) {
            if (certificate != null || key != null) {
                source.problem(settings.store(), "is set beside a certificate or key in PEM; one of the two is enough");
            }
            if (password == null) {
                source.problem(
                        settings.store(),
                        "is set without " + settings.storePasswordFile().key());
                return null;
            }
            Tls tls = Tls.pkcs12(store, password);
            return (trust == null ? tls : tls.trust(trust)).protocols(protocols.toArray(String[]::new));
        }
        if (certificate == null || key == null || trust == null) {
            source.problem(
                    certificate == null ? settings.certificate() : key == null ? settings.key() : settings.trust(),
                    "is missing: TLS takes a certificate, its key and the roots to trust, or a store");
            return null;
        }
        return Tls.pem(certificate, key).trust(trust).protocols(protocols.toArray(String[]::new));
    }

    /** {@code null} after a problem was noted. */
    @Nullable
    AccessOptions access() {
        Boolean required = source.value(Settings.ACCESS_REQUIRED);
        List<String> admins = source.value(Settings.ADMINS);
        if (required == null || admins == null) {
            return null;
        }
        try {
            return new AccessOptions(required, new LinkedHashSet<>(admins), path(Settings.TOKENS_FILE), jwt());
        } catch (IllegalArgumentException e) {
            source.problem(Settings.ADMINS, "cannot be used: " + e.getMessage());
            return null;
        }
    }

    private @Nullable JwtOptions jwt() {
        String jwks = text(Settings.JWKS);
        String issuer = text(Settings.JWT_ISSUER);
        String audience = text(Settings.JWT_AUDIENCE);
        String groups = text(Settings.JWT_GROUPS_CLAIM);
        if (jwks.isEmpty() && issuer.isEmpty() && audience.isEmpty()) {
            return null;
        }
        try {
            boolean isUrl = jwks.contains("://");
            return new JwtOptions(
                    jwks.isEmpty() || isUrl ? jwks : source.file(jwks).toString(), issuer, audience, groups);
        } catch (IllegalArgumentException e) {
            source.problem(Settings.JWKS, "cannot be used: " + e.getMessage());
            return null;
        }
    }

    private @Nullable Path path(Setting<String> setting) {
        String text = text(setting);
        return text.isEmpty() ? null : source.file(text);
    }

    private String text(Setting<String> setting) {
        return Objects.requireNonNullElse(source.value(setting), "");
    }

    private boolean isTrue(Setting<Boolean> setting) {
        return Boolean.TRUE.equals(source.value(setting));
    }
}
