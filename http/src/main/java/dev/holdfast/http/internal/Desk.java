package dev.holdfast.http.internal;

import dev.holdfast.http.internal.api.Api;
import dev.holdfast.http.internal.api.EventStream;
import dev.holdfast.http.internal.api.Parking;
import dev.holdfast.node.Admission;
import dev.holdfast.node.Doorkeeper;
import dev.holdfast.node.Visit;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends each request to who answers it, if the caller may ask that. */
public final class Desk extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
    private static final int BODY_BYTES_MAX = 64 << 10;
    /** Longer than anything takes here that gets an answer at all. */
    private static final long ANSWER_TIMEOUT_S = 30;

    /** The same where it waits for as long as a poll may, with what comes before and behind that. */
    private static final long WAIT_TIMEOUT_S = 90;

    private static final String JSON = "application/json";
    private static final String INDEX = """
            A Holdfast peer.

            /ui            a page for people: who holds which lock, and who waits
            /v1/           the same for programs, as JSON, and locks to hold
            /openapi       what is under /v1/, for people
            /openapi.yaml  the same, for generators
            /health/live   does this peer go on by itself?
            /health/ready  are callers served at this peer?
            /metrics       for Prometheus""";

    private final Doorkeeper doorkeeper;
    private final Origins origins;
    private final HealthAnswers health;
    private final MetricsAnswers metrics;
    private final Api api;
    private final AddressLimit connections;
    private final Pages pages = new Pages();

    public Desk(
            Doorkeeper doorkeeper,
            Set<String> hosts,
            boolean secure,
            HealthAnswers health,
            MetricsAnswers metrics,
            Api api,
            AddressLimit connections) {
        this.doorkeeper = doorkeeper;
        this.origins = new Origins(hosts, secure);
        this.health = health;
        this.metrics = metrics;
        this.api = api;
        this.connections = connections;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        if (path.startsWith(Api.PREFIX)) {
            answerJson(path, request, response, callback);
            return true;
        }
        String method = request.getMethod();
        if (!isRead(request)) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            Answer.text(HttpStatus.METHOD_NOT_ALLOWED_405, "there is nothing to " + method + " here, only to GET")
                    .send(request, response, callback);
            return true;
        }
        switch (path) {
            case "/" -> index(request, response).send(request, response, callback);
            case "/health/live" -> health.live().send(request, response, callback);
            case "/health/ready" -> health.ready().send(request, response, callback);
            case "/metrics" -> metrics(request, response, callback);
            default -> {
                Answer page = pages.at(path, response);
                (page != null
                                ? page
                                : Answer.text(
                                        HttpStatus.NOT_FOUND_404,
                                        "there is nothing at this path. What there is:\n\n" + INDEX))
                        .send(request, response, callback);
            }
        }
        return true;
    }

    private void metrics(Request request, Response response, Callback callback) {
        String objection = origins.objection(request);
        if (objection != null) {
            Answer.text(HttpStatus.FORBIDDEN_403, objection).send(request, response, callback);
            return;
        }
        whenAdmitted(
                request,
                response,
                callback,
                () -> metrics.answer(request.getHeaders().get(HttpHeader.ACCEPT)));
    }

    private static boolean isRead(Request request) {
        return HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
    }

    /** A browser is sent to the page; who else asks is told what there is. */
    private static Answer index(Request request, Response response) {
        String accept = request.getHeaders().get(HttpHeader.ACCEPT);
        if (accept == null || !accept.contains("text/html")) {
            return Answer.text(HttpStatus.OK_200, INDEX);
        }
        response.getHeaders().put(HttpHeader.LOCATION, Pages.PATH);
        return Answer.text(HttpStatus.SEE_OTHER_303, "see " + Pages.PATH);
    }

    private void answerJson(String path, Request request, Response response, Callback callback) {
        Answer refusal = refusal(path, request, response);
        if (refusal != null) {
            if (!isRead(request)) {
                // Nobody reads its body, so nothing that comes behind it on this connection would be understood.
                response.getHeaders().put(HttpHeader.CONNECTION, "close");
            }
            refusal.send(request, response, callback);
            return;
        }
        Fields query;
        try {
            query = Request.extractQueryParameters(request);
        } catch (RuntimeException e) {
            Api.refusal(HttpStatus.BAD_REQUEST_400, "the query cannot be read").send(request, response, callback);
            return;
        }
        // It has a time of its own.
        request.addIdleTimeoutListener(timeout -> false);
        if (api.isStream(path)) {
            stream(query, request, response, callback);
            return;
        }
        Promise.Completable<String> body = new Promise.Completable<>();
        if (isRead(request)) {
            body.succeeded("");
        } else {
            Content.Source.asString(request, StandardCharsets.UTF_8, body);
        }
        CompletableFuture<Answer> answer = body.handle((text, failure) -> failure == null
                        ? answer(path, query, text, request, response)
                        : CompletableFuture.completedStage(
                                Api.refusal(HttpStatus.BAD_REQUEST_400, "the body could not be read")))
                .thenCompose(stage -> stage);
        send(
                answer.orTimeout(timeoutS(path), TimeUnit.SECONDS)
                        .exceptionally(Desk::unanswered)
                        .thenApply(done -> makingRoom(path, done, request, response)),
                request,
                response,
                callback);
    }

    /** When many waits end at once, their connections must not keep out those that come anew. */
    private Answer makingRoom(String path, Answer answer, Request request, Response response) {
        if (api.mayWait(path)
                && connections.isCrowded(request.getConnectionMetaData().getConnection())) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        return answer;
    }

    private long timeoutS(String path) {
        return api.mayWait(path) ? WAIT_TIMEOUT_S : ANSWER_TIMEOUT_S;
    }

    private static Answer unanswered(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return Api.refusal(
                    HttpStatus.GATEWAY_TIMEOUT_504,
                    "there was no answer in time, so it is not known what became of the request");
        }
        throw new CompletionException(failure);
    }

    private CompletionStage<Answer> answer(String path, Fields query, String body, Request request, Response response) {
        return doorkeeper
                .enter(
                        session(request),
                        request.getHeaders().get(HttpHeader.AUTHORIZATION),
                        Request.getRemoteAddr(request))
                .thenCompose(visit -> {
                    CompletableFuture<Answer> answer = begin(path, query, body, visit, request, response)
                            .toCompletableFuture()
                            .copy();
                    // Whatever becomes of the work, the visit ends.
                    return answer.orTimeout(timeoutS(path), TimeUnit.SECONDS)
                            .whenComplete((done, failure) -> visit.close());
                });
    }

    private CompletionStage<Answer> begin(
            String path, Fields query, String body, Visit visit, Request request, Response response) {
        try {
            if (visit.admission().answer() != Admission.Answer.GRANTED) {
                return CompletableFuture.completedStage(Api.refusal(
                        status(visit.admission(), response), visit.admission().why()));
            }
            return isRead(request) ? api.read(path, query, visit) : api.write(path, body, visit, parking(request));
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private Parking parking(Request request) {
        return () -> connections.waits(request.getConnectionMetaData().getConnection());
    }

    private void stream(Fields query, Request request, Response response, Callback callback) {
        var unused = doorkeeper
                .enter(
                        session(request),
                        request.getHeaders().get(HttpHeader.AUTHORIZATION),
                        Request.getRemoteAddr(request))
                .thenCompose(visit -> streamed(query, visit, request, response))
                .whenComplete((streamed, failure) -> {
                    if (failure != null) {
                        send(CompletableFuture.failedStage(failure), request, response, callback);
                    } else if (streamed.stream() == null) {
                        send(
                                CompletableFuture.completedStage(Objects.requireNonNull(streamed.refusal())),
                                request,
                                response,
                                callback);
                    } else {
                        begin(streamed.stream(), request, response, callback);
                    }
                });
    }

    /** The visit lasts as long as the stream. */
    private CompletionStage<Api.Streamed> streamed(Fields query, Visit visit, Request request, Response response) {
        if (visit.admission().answer() != Admission.Answer.GRANTED) {
            return CompletableFuture.completedStage(new Api.Streamed(
                    null,
                    Api.refusal(
                            status(visit.admission(), response),
                            visit.admission().why())));
        }
        return api.stream(query, request.getHeaders().get("Last-Event-ID"), visit, parking(request))
                .whenComplete((streamed, failure) -> {
                    if (streamed != null && streamed.stream() != null) {
                        var unused = streamed.stream().ended().whenComplete((done, why) -> visit.close());
                    } else {
                        visit.close();
                    }
                });
    }

    private static void begin(EventStream stream, Request request, Response response, Callback callback) {
        response.setStatus(HttpStatus.OK_200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        var unused = stream.ended().whenComplete((done, failure) -> {
            if (failure == null) {
                response.write(true, ByteBuffer.allocate(0), callback);
                return;
            }
            // A write may be under way, which ends by this.
            request.getConnectionMetaData().getConnection().getEndPoint().close();
            callback.failed(failure);
        });
        stream.start(text -> {
            CompletableFuture<Void> written = new CompletableFuture<>();
            response.write(
                    false,
                    StandardCharsets.UTF_8.encode(text),
                    Callback.from(() -> written.complete(null), written::completeExceptionally));
            return written;
        });
    }

    /** Why it is not even looked at; {@code null} if it is. */
    private @Nullable Answer refusal(String path, Request request, Response response) {
        String objection = origins.objection(request);
        if (objection != null) {
            return Api.refusal(HttpStatus.FORBIDDEN_403, objection);
        }
        boolean isRead = isRead(request);
        if (!api.isRead(path) && !api.isWritten(path)) {
            return Api.refusal(HttpStatus.NOT_FOUND_404, "there is nothing at this path");
        }
        boolean isHeadOfStream = api.isStream(path) && HttpMethod.HEAD.is(request.getMethod());
        if (isRead
                ? isHeadOfStream || !api.isRead(path)
                : !(HttpMethod.POST.is(request.getMethod()) && api.isWritten(path))) {
            response.getHeaders().put(HttpHeader.ALLOW, allowed(path));
            return Api.refusal(
                    HttpStatus.METHOD_NOT_ALLOWED_405, "there is nothing to " + request.getMethod() + " at this path");
        }
        return isRead ? null : refusalOfBody(request);
    }

    private String allowed(String path) {
        if (api.isStream(path)) {
            return "GET";
        }
        return !api.isRead(path) ? "POST" : api.isWritten(path) ? "GET, HEAD, POST" : "GET, HEAD";
    }

    /** No page of another site can send JSON without asking first, and here nobody answers that. */
    private static @Nullable Answer refusalOfBody(Request request) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
            return Api.refusal(
                    HttpStatus.UNSUPPORTED_MEDIA_TYPE_415, "the header 'content-type' should be '" + JSON + "'");
        }
        long length = request.getLength();
        if (length < 0) {
            return Api.refusal(HttpStatus.LENGTH_REQUIRED_411, "the header 'content-length' is missing");
        }
        return length <= BODY_BYTES_MAX
                ? null
                : Api.refusal(HttpStatus.PAYLOAD_TOO_LARGE_413, "the body has more than " + BODY_BYTES_MAX + " bytes");
    }

    private void whenAdmitted(Request request, Response response, Callback callback, Supplier<Answer> answer) {
        CompletionStage<Answer> answered = doorkeeper
                .toReadAll(
                        session(request),
                        request.getHeaders().get(HttpHeader.AUTHORIZATION),
                        Request.getRemoteAddr(request))
                // Not on the thread that checks tokens.
                .thenApplyAsync(
                        admission -> admission.answer() == Admission.Answer.GRANTED
                                ? answer.get()
                                : refusal(admission, response),
                        request.getComponents().getExecutor());
        send(answered, request, response, callback);
    }

    private static void send(CompletionStage<Answer> answer, Request request, Response response, Callback callback) {
        var unused = answer.whenComplete((found, failure) -> {
            try {
                if (failure == null) {
                    found.send(request, response, callback);
                    return;
                }
                LOG.warn("A request for {} could not be answered", Request.getPathInContext(request), failure);
                Answer.text(HttpStatus.INTERNAL_SERVER_ERROR_500, "it could not be answered: the peer's log says why")
                        .send(request, response, callback);
            } catch (RuntimeException | Error e) {
                callback.failed(e);
            }
        });
    }

    private static Answer refusal(Admission admission, Response response) {
        return Answer.text(status(admission, response), admission.why());
    }

    private static int status(Admission admission, Response response) {
        return switch (admission.answer()) {
            case UNKNOWN -> {
                response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
                yield HttpStatus.UNAUTHORIZED_401;
            }
            case FORBIDDEN -> HttpStatus.FORBIDDEN_403;
            case GRANTED, LATER -> {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, 1);
                yield HttpStatus.SERVICE_UNAVAILABLE_503;
            }
        };
    }

    private static @Nullable SSLSession session(Request request) {
        return request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData data
                ? data.sslSession()
                : null;
    }
}
