package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.wire.Authorization;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenCredentialsTest {
    private static final String TOKEN = "holdfast_this-is-the-token";
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final byte[] ELSEWHERE = {10, 0, 0, 7};

    @TempDir
    private Path folder;

    private static final class Sent extends CallCredentials.MetadataApplier {
        @Nullable
        String header;

        @Nullable
        Status failure;

        @Override
        public void apply(Metadata headers) {
            header = headers.get(Authorization.HEADER);
        }

        @Override
        public void fail(Status status) {
            failure = status;
        }

        Status failure() {
            return Objects.requireNonNull(failure);
        }
    }

    private static final class Request extends CallCredentials.RequestInfo {
        private final byte[] address;
        private final SecurityLevel level;

        Request(byte[] address, SecurityLevel level) {
            this.address = address;
            this.level = level;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SecurityLevel getSecurityLevel() {
            return level;
        }

        @Override
        public String getAuthority() {
            return "peer";
        }

        @Override
        public Attributes getTransportAttrs() {
            try {
                return Attributes.newBuilder()
                        .set(
                                Grpc.TRANSPORT_ATTR_REMOTE_ADDR,
                                new InetSocketAddress(InetAddress.getByAddress(address), 7201))
                        .build();
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static Sent send(CallCredentials credentials, byte[] address, SecurityLevel level) {
        Sent sent = new Sent();
        credentials.applyRequestMetadata(new Request(address, level), Runnable::run, sent);
        return sent;
    }

    private static Sent sendToLoopback(CallCredentials credentials) {
        return send(credentials, LOOPBACK, SecurityLevel.NONE);
    }

    @Test
    void a_token_goes_to_loopback_and_through_tls() {
        CallCredentials credentials = new TokenCredentials(() -> TOKEN, false);

        assertThat(sendToLoopback(credentials).header).isEqualTo("Bearer " + TOKEN);
        assertThat(send(credentials, ELSEWHERE, SecurityLevel.PRIVACY_AND_INTEGRITY).header)
                .isEqualTo("Bearer " + TOKEN);
    }

    @Test
    void it_does_not_go_to_another_machine_in_the_clear() {
        Sent sent = send(new TokenCredentials(() -> TOKEN, false), ELSEWHERE, SecurityLevel.NONE);

        assertThat(sent.header).isNull();
        assertThat(sent.failure().getDescription())
                .isEqualTo("a token must not travel to another machine without TLS, where others can read it");
        assertThat(TokenCredentials.failed(sent.failure())).isTrue();
    }

    @Test
    void it_does_if_the_client_is_insecure() {
        assertThat(send(new TokenCredentials(() -> TOKEN, true), ELSEWHERE, SecurityLevel.NONE).header)
                .isEqualTo("Bearer " + TOKEN);
    }

    @Test
    void a_token_with_a_line_break_in_it_is_not_sent_and_not_shown() {
        Sent sent = sendToLoopback(new TokenCredentials(() -> TOKEN + "\nfoo: bar", false));

        assertThat(sent.header).isNull();
        assertThat(sent.failure().getDescription()).doesNotContain(TOKEN);
    }

    @Test
    void a_file_is_read_anew_for_each_connection_and_its_absence_is_told() throws Exception {
        Path file = folder.resolve("token");
        ClientOptions options = ClientOptions.defaults().tokenFile(file);
        CallCredentials credentials = new TokenCredentials(Objects.requireNonNull(options.token()), false);

        assertThat(sendToLoopback(credentials).failure())
                .returns(Status.Code.UNAVAILABLE, status -> status.getCode())
                .extracting(status -> status.getDescription())
                .asString()
                .contains("the token cannot be had", file.toString());
        Files.writeString(file, TOKEN + "\n");
        assertThat(sendToLoopback(credentials).header).isEqualTo("Bearer " + TOKEN);
        Files.writeString(file, "another-token\n");
        assertThat(sendToLoopback(credentials).header).isEqualTo("Bearer another-token");
    }

    @Test
    void no_token_shows_in_what_is_logged() {
        assertThat(RemoteOptions.named("test").withToken(() -> TOKEN).toString())
                .contains("a token")
                .doesNotContain(TOKEN);
    }
}
