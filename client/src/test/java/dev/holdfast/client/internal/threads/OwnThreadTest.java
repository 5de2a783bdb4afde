package dev.holdfast.client.internal.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.security.ProtectionDomain;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class OwnThreadTest {
    private static final InheritableThreadLocal<String> INHERITABLE = new InheritableThreadLocal<>();

    @Test
    void it_takes_over_nothing_from_its_creator() throws InterruptedException {
        String[] inherited = new String[1];
        Thread[] made = new Thread[1];
        Thread creator = new Thread(() -> {
            INHERITABLE.set("the creator's");
            made[0] = OwnThread.create("own", () -> inherited[0] = INHERITABLE.get());
        });
        creator.setPriority(Thread.MAX_PRIORITY);
        creator.setContextClassLoader(new ClassLoader(null) {});
        creator.start();
        creator.join();
        assertThat(made[0].getContextClassLoader()).isSameAs(OwnThread.class.getClassLoader());
        assertThat(made[0].getPriority()).isEqualTo(Thread.NORM_PRIORITY);
        assertThat(made[0].isDaemon()).isTrue();
        assertThat(made[0].getName()).isEqualTo("own");
        made[0].start();
        made[0].join();
        assertThat(inherited).containsOnlyNulls();
    }

    /** What an application has on its stack when the client needs a thread. */
    public static final class Application implements Executor {
        @Override
        public void execute(Runnable task) {
            task.run();
        }
    }

    /** Loads the application anew, and all else from the parent. */
    private static final class Deployment extends ClassLoader {
        Deployment() {
            super(OwnThreadTest.class.getClassLoader());
        }

        Executor application() throws ReflectiveOperationException {
            String name = Application.class.getName();
            try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = file.readAllBytes();
                Class<?> application =
                        defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(null, null, this, null));
                return (Executor) application.getDeclaredConstructor().newInstance();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static WeakReference<ClassLoader> deploy(Runnable task) throws ReflectiveOperationException {
        Deployment deployment = new Deployment();
        deployment.application().execute(task);
        return new WeakReference<>(deployment);
    }

    @Test
    void it_keeps_no_class_loader_of_its_creator_alive() throws ReflectiveOperationException {
        CountDownLatch end = new CountDownLatch(1);
        WeakReference<ClassLoader> deployed =
                deploy(() -> OwnThread.create("own", () -> awaitQuietly(end)).start());
        await().until(() -> {
            System.gc();
            return deployed.get() == null;
        });
        end.countDown();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
