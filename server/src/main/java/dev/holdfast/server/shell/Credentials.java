package dev.holdfast.server.shell;

import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * What a command proves itself by, as it was given: names of files, empty for none. The token itself comes from the environment or
 * from a file only, since others can read command lines.
 *
 * @param roots what it trusts; without it there is no TLS
 * @param certificate its certificate
 * @param key the key of the certificate
 * @param tokenFile the file with its token
 * @param token the token, if there is no file
 * @param command whose usage it is
 */
record Credentials(
        String roots,
        String certificate,
        String key,
        String tokenFile,
        @Nullable String token,
        CommandLine command) {

    /** @throws UncheckedIOException if a file cannot be used; the message says which, and why */
    RemoteOptions addTo(RemoteOptions options) {
        Tls tls = tls();
        RemoteOptions secured = tls == null ? options : options.withTls(tls);
        if (!tokenFile.isEmpty()) {
            Path file = Path.of(tokenFile);
            // It is to be told at once, and not by each peer that is tried.
            read(file);
            return secured.withToken(() -> read(file));
        }
        return token == null || token.isBlank() ? secured : secured.withToken(token::strip);
    }

    private @Nullable Tls tls() {
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new ParameterException(
                    command,
                    certificate.isEmpty()
                            ? "there is a key (--key), and no certificate (--cert)"
                            : "there is a certificate (--cert), and no key (--key)");
        }
        if (roots.isEmpty()) {
            if (!certificate.isEmpty()) {
                throw new ParameterException(
                        command, "a certificate is shown over TLS only, which needs the roots to trust (--ca)");
            }
            return null;
        }
        return certificate.isEmpty()
                ? Tls.trusting(Path.of(roots))
                : Tls.pem(Path.of(certificate), Path.of(key)).trust(Path.of(roots));
    }

    private static String read(Path file) {
        try {
            String token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw new IOException("there is no token in " + file);
            }
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException(Messages.of(e), e);
        }
    }

    /** Says nothing of the token. */
    @Override
    public String toString() {
        return "credentials";
    }
}
