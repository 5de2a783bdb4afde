package dev.holdfast.http.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A whole answer, in memory.
 *
 * @param retryAfterS after how many seconds the same request may succeed; 0 if that is not known
 */
public record Answer(int status, String contentType, ByteBuffer body, int retryAfterS) {
    private static final String TEXT = "text/plain; charset=utf-8";

    Answer(int status, String contentType, ByteBuffer body) {
        this(status, contentType, body, 0);
    }

    public static Answer json(int status, String body) {
        return new Answer(status, "application/json", StandardCharsets.UTF_8.encode(body));
    }

    public static Answer problem(int status, String body, int retryAfterS) {
        return new Answer(status, "application/problem+json", StandardCharsets.UTF_8.encode(body), retryAfterS);
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
        if (retryAfterS > 0) {
            headers.put(HttpHeader.RETRY_AFTER, retryAfterS);
        }
        boolean isHead = HttpMethod.HEAD.is(request.getMethod());
        response.write(true, isHead ? ByteBuffer.allocate(0) : body.slice(), callback);
    }
}
