package dev.holdfast.client.internal.remote;

import dev.holdfast.client.internal.threads.OwnThread;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a host is known, before gRPC is asked to connect to it: gRPC would log a stack trace at each attempt. The log
 * hears of an unknown host once, until it is known again. Name services may be slow, so they are asked on threads for
 * that.
 */
final class HostLookup {
    private static final Logger LOG = LoggerFactory.getLogger(HostLookup.class);
    private static final int THREADS_MAX = 16;
    private static final int REMEMBERED_MAX = 1000;
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    /** A name service. */
    interface Names {
        InetAddress[] find(String host) throws UnknownHostException;
    }

    private static final HostLookup SHARED = new HostLookup(InetAddress::getAllByName, threads());

    private final Names names;
    private final Executor threads;
    private final Map<String, CompletableFuture<@Nullable Void>> underWay = new ConcurrentHashMap<>();
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();

    HostLookup(Names names, Executor threads) {
        this.names = names;
        this.threads = threads;
    }

    /** That of this process: all clients hear of a host together. */
    static HostLookup shared() {
        return SHARED;
    }

    /** Completes when the host is known; fails with {@link UnknownHostException} if it is not. */
    CompletableFuture<@Nullable Void> lookUp(String host) {
        if (IPV4.matcher(host).matches()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
        CompletableFuture<@Nullable Void> others = underWay.putIfAbsent(host, mine);
        if (others != null) {
            return others;
        }
        try {
            threads.execute(() -> find(host, mine));
        } catch (RuntimeException | Error noThread) {
            end(host, mine, noThread);
        }
        return mine;
    }

    private void find(String host, CompletableFuture<@Nullable Void> found) {
        try {
            if (names.find(host).length == 0) {
                throw new UnknownHostException("no addresses");
            }
            noteKnown(host);
            end(host, found, null);
        } catch (UnknownHostException e) {
            noteUnknown(host, e);
            end(host, found, e);
        } catch (RuntimeException | Error e) {
            end(host, found, e);
        }
    }

    private void end(String host, CompletableFuture<@Nullable Void> found, @Nullable Throwable failure) {
        underWay.remove(host);
        if (failure == null) {
            found.complete(null);
        } else {
            found.completeExceptionally(failure);
        }
    }

    private void noteKnown(String host) {
        if (unknown.remove(host)) {
            LOG.info("The host {} is known again.", host);
        }
    }

    private void noteUnknown(String host, UnknownHostException failure) {
        if (unknown.size() >= REMEMBERED_MAX) {
            unknown.clear();
        }
        if (unknown.add(host)) {
            LOG.warn(
                    "The host {} is unknown ({}). It is looked up again and again; this is not repeated until it was known.",
                    host,
                    failure.getMessage());
        }
    }

    /** How many unknown hosts are remembered, so that they are not logged again. */
    int remembered() {
        return unknown.size();
    }

    private static Executor threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS_MAX, THREADS_MAX, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), HostLookup::thread);
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Takes over nothing from the caller that happens to need it first. */
    static Thread thread(Runnable task) {
        return OwnThread.create("holdfast-host-lookup", task);
    }
}
