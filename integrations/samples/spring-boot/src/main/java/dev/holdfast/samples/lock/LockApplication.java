package dev.holdfast.samples.lock;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** Takes a lock, and says which token it got. */
@SpringBootApplication
public class LockApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(LockApplication.class, arguments);
    }

    @Bean
    ApplicationRunner report(HoldfastClient holdfast) {
        return arguments -> {
            try (LockHandle held =
                    holdfast.createLock().hold(Holdfast.createLockable("report").of())) {
                System.out.println("The report is written with the token " + held.token());
            }
        };
    }
}
