package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

final class FailureTextTest {
    private static final Status IO_EXCEPTION =
            Status.UNAVAILABLE.withDescription("io exception\nChannel Pipeline: [x]");

    private static String text(Throwable cause) {
        return FailureText.of(IO_EXCEPTION.withCause(cause).asRuntimeException());
    }

    @Test
    void what_happened_to_the_connection_is_said_instead_of_io_exception() {
        assertThat(text(new ConnectException(
                        "finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:9")))
                .isEqualTo("connection refused");
        assertThat(text(new ConnectException("connection timed out after 1000 ms: /10.0.0.1:9")))
                .isEqualTo("connection timed out after 1000 ms: /10.0.0.1:9");
        assertThat(text(new NoRouteToHostException("No route to host"))).isEqualTo("no route to host");
        assertThat(text(new UnknownHostException("db1: Name or service not known")))
                .isEqualTo("unknown host");
        assertThat(text(new SSLHandshakeException("no trusted certificate")))
                .isEqualTo("TLS failed: no trusted certificate");
        assertThat(text(new SocketException("Connection reset"))).contains("reset the connection");
        assertThat(text(new IOException(new SSLHandshakeException("deep")))).isEqualTo("TLS failed: deep");
        assertThat(text(new SSLHandshakeException("Received fatal alert: certificate_required")))
                .isEqualTo("it demands a certificate, and was shown none (alert certificate_required)");
        assertThat(text(new SSLHandshakeException("Received fatal alert: new_alert")))
                .isEqualTo("it ended TLS (alert new_alert)");
        assertThat(text(new SSLHandshakeException("shaken").initCause(new CertificateException("our own words"))))
                .isEqualTo("our own words");
    }

    @Test
    void a_port_of_another_protocol_is_called_that() {
        Http2Exception web = new Http2Exception(
                Http2Error.PROTOCOL_ERROR, "First received frame was not SETTINGS. Hex dump: 485454502f");
        assertThat(FailureText.of(Status.INTERNAL
                        .withDescription("http2 exception")
                        .withCause(web)
                        .asRuntimeException()))
                .contains("does not speak HTTP/2", "485454502f");
        assertThat(FailureText.of(Status.UNAVAILABLE
                        .withDescription("Network closed for unknown reason")
                        .asRuntimeException()))
                .contains("hung up without a word");
    }

    @Test
    void anything_else_is_quoted_in_one_line() {
        assertThat(FailureText.of(Status.UNIMPLEMENTED
                        .withDescription("HTTP status code 404\ninvalid content-type: text/html\nheaders: ...")
                        .asRuntimeException()))
                .isEqualTo("HTTP status code 404");
        assertThat(FailureText.of(Status.CANCELLED.asRuntimeException())).isEqualTo("CANCELLED");
        assertThat(FailureText.of(new CompletionException(new UnknownHostException("x"))))
                .isEqualTo("unknown host");
        assertThat(FailureText.of(new IllegalStateException("a\nb"))).isEqualTo("IllegalStateException: a");
        assertThat(FailureText.of(new IllegalStateException())).isEqualTo("IllegalStateException");
        assertThat(text(new ConnectException())).isEqualTo("ConnectException");
        assertThat(FailureText.of(new NoClassDefFoundError("x"))).contains("class path");
    }

    @Test
    void a_reset_connection_may_be_one_without_tls() {
        Throwable reset = Status.UNAVAILABLE
                .withDescription("io exception")
                .withCause(new IOException("recvAddress(..) failed with error(-104): Connection reset by peer"))
                .asRuntimeException();
        assertThat(FailureText.of(reset)).contains("reset the connection", "TLS is used at one end only");
    }
}
