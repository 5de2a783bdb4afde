package dev.holdfast.http.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A whole answer, in memory. */
public record Answer(int status, String contentType, ByteBuffer body) {
    private static final String TEXT = "text/plain; charset=utf-8";

    public static Answer json(String body) {
        return new Answer(HttpStatus.OK_200, "application/json", StandardCharsets.UTF_8.encode(body));
    }

    public static Answer problem(int status, String body) {
        return new Answer(status, "application/problem+json", StandardCharsets.UTF_8.encode(body));
    }

    static Answer text(int status, String body) {
        return new Answer(status, TEXT, StandardCharsets.UTF_8.encode(body + "\n"));
    }

    void send(Request request, Response response, Callback callback) {
        response.setStatus(status);
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, contentType);
        headers.put(HttpHeader.CONTENT_LENGTH, body.remaining());
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        headers.put("X-Content-Type-Options", "nosniff");
        boolean isHead = HttpMethod.HEAD.is(request.getMethod());
        response.write(true, isHead ? ByteBuffer.allocate(0) : body.slice(), callback);
    }
}
