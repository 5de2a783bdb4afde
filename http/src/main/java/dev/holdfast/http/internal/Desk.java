package dev.holdfast.http.internal;

import dev.holdfast.node.Admission;
import dev.holdfast.node.Doorkeeper;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends each request to who answers it, if the caller may ask that. */
public final class Desk extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
    private static final String INDEX = """
            A Holdfast peer.

            /health/live   does this peer go on by itself?
            /health/ready  are callers served at this peer?
            /metrics       for Prometheus""";

    private final Doorkeeper doorkeeper;
    private final HealthAnswers health;
    private final MetricsAnswers metrics;

    public Desk(Doorkeeper doorkeeper, HealthAnswers health, MetricsAnswers metrics) {
        this.doorkeeper = doorkeeper;
        this.health = health;
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String method = request.getMethod();
        String path = Request.getPathInContext(request);
        if (!HttpMethod.GET.is(method) && !HttpMethod.HEAD.is(method)) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            Answer.text(HttpStatus.METHOD_NOT_ALLOWED_405, "there is nothing to " + method + " here, only to GET")
                    .send(request, response, callback);
            return true;
        }
        switch (path) {
            case "/" -> Answer.text(HttpStatus.OK_200, INDEX).send(request, response, callback);
            case "/health/live" -> health.live().send(request, response, callback);
            case "/health/ready" -> health.ready().send(request, response, callback);
            case "/metrics" ->
                whenAdmitted(
                        request,
                        response,
                        callback,
                        () -> metrics.answer(request.getHeaders().get(HttpHeader.ACCEPT)));
            default ->
                Answer.text(HttpStatus.NOT_FOUND_404, "there is nothing at this path. What there is:\n\n" + INDEX)
                        .send(request, response, callback);
        }
        return true;
    }

    private void whenAdmitted(Request request, Response response, Callback callback, Supplier<Answer> answer) {
        var unused = doorkeeper
                .toReadAll(
                        session(request),
                        request.getHeaders().get(HttpHeader.AUTHORIZATION),
                        Request.getRemoteAddr(request))
                // Not on the thread that checks tokens.
                .thenApplyAsync(
                        admission -> admission.answer() == Admission.Answer.GRANTED
                                ? answer.get()
                                : refusal(admission, response),
                        request.getComponents().getExecutor())
                .whenComplete((found, failure) -> {
                    if (failure == null) {
                        found.send(request, response, callback);
                    } else {
                        LOG.warn("A request for {} could not be answered", Request.getPathInContext(request), failure);
                        Answer.text(
                                        HttpStatus.INTERNAL_SERVER_ERROR_500,
                                        "it could not be answered: the peer's log says why")
                                .send(request, response, callback);
                    }
                });
    }

    private static Answer refusal(Admission admission, Response response) {
        int status = switch (admission.answer()) {
            case UNKNOWN -> {
                response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
                yield HttpStatus.UNAUTHORIZED_401;
            }
            case FORBIDDEN -> HttpStatus.FORBIDDEN_403;
            case GRANTED, LATER -> HttpStatus.SERVICE_UNAVAILABLE_503;
        };
        return Answer.text(status, admission.why());
    }

    private static @Nullable SSLSession session(Request request) {
        return request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData data
                ? data.sslSession()
                : null;
    }
}
