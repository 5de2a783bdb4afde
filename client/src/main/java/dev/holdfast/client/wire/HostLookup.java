package dev.holdfast.client.wire;

import dev.holdfast.client.internal.threads.OwnThread;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the addresses of a host, anew each time: it may not be known yet, and what it means may change. How long Java remembers an answer is
 * up to its settings, {@code networkaddress.cache.ttl} and {@code networkaddress.cache.negative.ttl}. The log hears of an unknown
 * host once, until it is known again. Name services may be slow, so they are asked on threads for that: one for a host at a time, however
 * many ask, and a few in all.
 *
 * <p>Any thread may call it.
 */
public final class HostLookup {
    private static final Logger LOG = LoggerFactory.getLogger(HostLookup.class);
    private static final int THREADS_MAX = 16;
    private static final int REMEMBERED_MAX = 1000;

    /** Those of IPv4 and IPv6, which are no names. */
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|.*:.*");

    /** A name service. */
    public interface Names {
        /** May block. */
        InetAddress[] find(String host) throws UnknownHostException;
    }

    private static final HostLookup SHARED = new HostLookup(InetAddress::getAllByName, threads());

    private final Names names;
    private final Executor threads;
    private final Map<String, CompletableFuture<List<InetAddress>>> underWay = new ConcurrentHashMap<>();
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();

    /** @param threads where the name service is asked */
    public HostLookup(Names names, Executor threads) {
        this.names = names;
        this.threads = threads;
    }

    /** That of this process: all who want to know of a host hear of it together. */
    public static HostLookup shared() {
        return SHARED;
    }

    /** Completes with at least one address; fails with {@link UnknownHostException} if the host is not known. */
    public CompletableFuture<List<InetAddress>> lookUp(String host) {
        return lookUp(host, true);
    }

    /** @param isExpected whether the host ought to be known, so that the log hears of it if it is not */
    public CompletableFuture<List<InetAddress>> lookUp(String host, boolean isExpected) {
        if (ADDRESS.matcher(host).matches()) {
            return literal(host);
        }
        CompletableFuture<List<InetAddress>> mine = new CompletableFuture<>();
        CompletableFuture<List<InetAddress>> others = underWay.putIfAbsent(host, mine);
        if (others != null) {
            return others;
        }
        try {
            threads.execute(() -> find(host, isExpected, mine));
        } catch (RuntimeException | Error noThread) {
            underWay.remove(host);
            mine.completeExceptionally(noThread);
        }
        return mine;
    }

    /** Nobody has to be asked for it. */
    private static CompletableFuture<List<InetAddress>> literal(String address) {
        try {
            return CompletableFuture.completedFuture(List.of(InetAddress.getByName(address)));
        } catch (UnknownHostException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void find(String host, boolean isExpected, CompletableFuture<List<InetAddress>> result) {
        try {
            List<InetAddress> found = List.of(names.find(host));
            if (found.isEmpty()) {
                throw new UnknownHostException("no addresses");
            }
            noteKnown(host);
            underWay.remove(host);
            result.complete(found);
        } catch (UnknownHostException e) {
            if (isExpected) {
                noteUnknown(host, e);
            }
            fail(host, result, e);
        } catch (RuntimeException | Error e) {
            fail(host, result, e);
        }
    }

    private void fail(String host, CompletableFuture<List<InetAddress>> result, Throwable failure) {
        underWay.remove(host);
        result.completeExceptionally(failure);
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
