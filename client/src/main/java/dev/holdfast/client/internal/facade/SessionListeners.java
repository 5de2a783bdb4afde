package dev.holdfast.client.internal.facade;

import dev.holdfast.client.HoldfastClient.Registration;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.SessionListener;
import dev.holdfast.client.internal.hold.HoldRegistry;
import dev.holdfast.client.internal.serial.OrderedExecutor;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.client.internal.session.SessionObserver;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Passes news of sessions on: to the holds at once, to the listeners of users on their executor. Each listener hears of it in
 * order, and none waits for another.
 */
final class SessionListeners {
    private final Executor callbacks;
    private final List<Told> listeners = new CopyOnWriteArrayList<>();

    /** Those that are open, in all groups. */
    private final Set<SessionId> open = ConcurrentHashMap.newKeySet();

    private record Told(SessionListener listener, OrderedExecutor lane) {
        void tell(Consumer<SessionListener> news) {
            lane.execute(() -> news.accept(listener));
        }
    }

    SessionListeners(Executor callbacks) {
        this.callbacks = callbacks;
    }

    Registration add(SessionListener listener) {
        Told told = new Told(listener, new OrderedExecutor(callbacks));
        listeners.add(told);
        return () -> listeners.remove(told);
    }

    /** The short forms of their ids. */
    Set<String> openSessions() {
        return open.stream().map(SessionId::shortForm).collect(Collectors.toUnmodifiableSet());
    }

    private void tell(Consumer<SessionListener> news) {
        listeners.forEach(listener -> listener.tell(news));
    }

    /** What hears of the sessions that keep those holds. */
    SessionObserver of(Supplier<HoldRegistry> holds) {
        return new Observer(holds);
    }

    private final class Observer implements SessionObserver {
        private final Supplier<HoldRegistry> holds;

        Observer(Supplier<HoldRegistry> holds) {
            this.holds = holds;
        }

        @Override
        public void onSessionOpened(ClientSession session) {
            open.add(session.id());
            tell(SessionListener::onOpened);
        }

        @Override
        public void onSessionSuspect(ClientSession session) {
            holds.get().onSessionChanged(session);
            tell(SessionListener::onSuspect);
        }

        @Override
        public void onSessionRenewed(ClientSession session) {
            holds.get().onSessionChanged(session);
            tell(SessionListener::onRenewed);
        }

        @Override
        public void onSessionLost(ClientSession session) {
            open.remove(session.id());
            holds.get().onSessionEnded(session, LossReason.SESSION_LOST);
            tell(SessionListener::onLost);
        }

        @Override
        public void onSessionClosing(ClientSession session) {
            open.remove(session.id());
            holds.get().onSessionEnded(session, LossReason.CLIENT_CLOSED);
        }

        @Override
        public void onHoldLost(Event.HoldLost lost) {
            holds.get().onHoldLost(lost);
        }

        @Override
        public void onReleaseRequested(Event.ReleaseRequested request) {
            holds.get().onReleaseRequested(request);
        }
    }
}
