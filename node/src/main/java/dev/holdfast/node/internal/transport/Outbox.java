package dev.holdfast.node.internal.transport;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import io.grpc.netty.shaded.io.netty.util.concurrent.GenericFutureListener;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The frames that are to leave on one connection, in the order in which they were put in, by whichever thread. What Netty is told
 * to write by its own thread would overtake what another thread told it a moment before; and it flushes once for all that
 * is there.
 */
final class Outbox {
    private record Item(Frame frame, @Nullable Runnable whenWritten) {}

    private final Queue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile @Nullable Channel channel;

    /** Any thread. It stays here until there is a {@linkplain #open channel}. */
    void put(Frame frame) {
        put(frame, null);
    }

    /** @param whenWritten runs on the network's thread once the frame is written, or will never be */
    void put(Frame frame, @Nullable Runnable whenWritten) {
        items.add(new Item(frame, whenWritten));
        Channel open = channel;
        if (open != null) {
            send(open);
        }
    }

    /** From now on what is put in leaves. */
    void open(Channel to) {
        channel = to;
        send(to);
    }

    private void send(Channel to) {
        if (to.eventLoop().inEventLoop()) {
            drain(to);
        } else if (scheduled.compareAndSet(false, true)) {
            to.eventLoop().execute(() -> {
                scheduled.set(false);
                drain(to);
            });
        }
    }

    private void drain(Channel to) {
        Item item = items.poll();
        if (item == null) {
            return;
        }
        for (; item != null; item = items.poll()) {
            Runnable whenWritten = item.whenWritten;
            var written = to.write(item.frame.encode(to.alloc()));
            if (whenWritten != null) {
                GenericFutureListener<Future<Void>> listener = done -> whenWritten.run();
                written.addListener(listener);
            }
        }
        to.flush();
    }
}
