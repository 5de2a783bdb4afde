package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * What every client of every cluster does, however it reaches it. A subclass starts a cluster before all tests, stops it
 * after them, and says how clients are had.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class LockContract {

    /** For clients whose session and whose patience are not what is tested: both outlast a machine that is busy. */
    static ClientOptions options() {
        return ClientOptions.defaults().sessionLease(Duration.ofMinutes(2)).requestTimeout(Duration.ofMinutes(2));
    }

    /** The client of the first process; the same at every call, and the subclass's to close. */
    protected abstract HoldfastClient client();

    /** A client of another process, with a session of its own; another one at every call, and the caller's to close. */
    protected abstract HoldfastClient otherClient(ClientOptions options);

    private HoldfastClient first() {
        return client();
    }

    private HoldfastClient another(ClientOptions options) {
        return otherClient(options);
    }

    @Nested
    class Mutexes extends MutexContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class Leases extends LeaseContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class Waiting extends WaitingContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class Together extends TogetherContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class JavaLocks extends JavaLockContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class Semaphores extends SemaphoreContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class Hooks extends HooksContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class Inspection extends InspectionContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class BadInput extends BadInputContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }

    @Nested
    class Contention extends ContentionContract {
        @Override
        protected HoldfastClient client() {
            return first();
        }

        @Override
        protected HoldfastClient makeClient(ClientOptions options) {
            return another(options);
        }
    }
}
