package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.http.internal.Programs;
import dev.holdfast.node.HoldfastNode;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** The page, in the hands of somebody who clicks and types. */
@TestInstance(Lifecycle.PER_CLASS)
@Tag("long")
class PageClicksTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** It would tell at each start that it does not know this release of the browser. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private HoldfastNode node;
    private HoldfastHttp http;
    private ChromeDriver browser;

    @BeforeAll
    void start(@TempDir Path data, @TempDir Path profile) throws Exception {
        String chromium = installed("chromium", "chromium-browser", "google-chrome");
        String driver = installed("chromedriver");
        MetricRegistry registry = new MetricRegistry();
        node = HoldfastNode.builder().dataFolder(data).metrics(registry).start();
        http = HoldfastHttp.start(node, registry, "127.0.0.1", 0);
        assertThat(node.awaitReady(PATIENCE)).isTrue();
        SELENIUM.setLevel(Level.SEVERE);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium);
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--user-data-dir=" + profile);
        browser = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(new File(driver))
                        .usingAnyFreePort()
                        .build(),
                options);
    }

    /** Where the first of them is that is there. */
    private static String installed(String... programs) {
        for (String program : programs) {
            if (Programs.isInstalled(program)) {
                return Programs.path(program);
            }
        }
        String missing = "no " + programs[0] + " is installed, as by Debian's packages chromium and chromium-driver";
        System.out.println("SKIPPED PageClicksTest: " + missing);
        return abort(missing);
    }

    @AfterAll
    void stop() {
        if (browser != null) {
            browser.quit();
        }
        if (http != null) {
            http.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private static LockOwner owner(String id) {
        return Holdfast.createLockOwner("user").of(id);
    }

    private static Lockable key(String key) {
        return new Lockable("KEY", key);
    }

    private LockHandle hold(String key, String owner) throws InterruptedException {
        return node.client().createLock().hold(owner(owner), key(key), AcquireOptions.defaults());
    }

    private WebElement find(String css) {
        return browser.findElement(By.cssSelector(css));
    }

    private WebElement findLink(String text) {
        return browser.findElement(By.partialLinkText(text));
    }

    /** The page draws itself anew every other second: what was found may be gone when it is clicked. */
    private void click(Function<PageClicksTest, WebElement> what) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            what.apply(this).click();
            return true;
        });
    }

    private void awaitText(String css, String text) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(StaleElementReferenceException.class)
                .untilAsserted(() -> assertThat(find(css).getText()).contains(text));
    }

    @Test
    void a_hold_is_found_by_its_prefix_and_taken_by_force_once_that_is_confirmed() throws Exception {
        LockHandle other = hold("orders/1", "ann");
        LockHandle taken = hold("stock/7", "bob");
        browser.manage().window().setSize(new Dimension(1200, 900));
        browser.get(http.url() + "ui");
        awaitText("#locks-table", "orders/1");

        find("#prefix").sendKeys("stock");
        awaitText("#locks-table", "stock/7");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(find("#locks-table").getText()).doesNotContain("orders/1"));

        click(page -> page.findLink("stock/7"));
        awaitText("#lock-body", "Held by user:bob");

        click(page -> page.find("#lock-body button[data-act=force]"));
        awaitText("#confirm-text", "user:bob");
        click(page -> page.find("#confirm-no"));
        await().atMost(PATIENCE).until(() -> !find("#confirm").isDisplayed());
        assertThat(taken.isHeld()).isTrue();

        click(page -> page.find("#lock-body button[data-act=force]"));
        click(page -> page.find("#confirm-yes"));
        awaitText("#result", "Released: 1 hold of mutex stock/7 taken from user:bob.");
        awaitText("#lock-body", "Nobody holds it");
        awaitText("#lock-body", "Taken by force");
        await().atMost(PATIENCE).until(() -> !taken.isHeld());
        assertThat(other.isHeld()).isTrue();
        other.release();
    }

    @Test
    void a_session_is_ended_with_the_keyboard_alone_on_a_narrow_screen() throws Exception {
        browser.manage().window().setSize(new Dimension(400, 800));
        try (HoldfastClient client = Holdfast.connect(
                node.member().clientAddress().toString(),
                ClientOptions.defaults().name("to be ended"))) {
            LockHandle handle = client.createLock().hold(owner("carl"), key("by-keyboard"), AcquireOptions.defaults());
            browser.get(http.url() + "ui#sessions");
            awaitText("#sessions-table", "to be ended");

            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                endButton("to be ended").sendKeys(Keys.ENTER);
                return find("#confirm").isDisplayed();
            });
            awaitText("#confirm-text", "It has 1 hold");
            // The focus is on the answer that does nothing.
            assertThat(browser.switchTo().activeElement().getAttribute("id")).isEqualTo("confirm-no");
            find("#confirm-yes").sendKeys(Keys.ENTER);
            awaitText("#result", "has ended.");
            await().atMost(PATIENCE).until(() -> !handle.isHeld());
        }
        // Nothing sticks out at the side.
        assertThat((Boolean) browser.executeScript(
                        "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                .isTrue();
    }

    private WebElement endButton(String client) {
        return browser.findElement(
                By.xpath("//*[@id='sessions-table']//tr[contains(., '" + client + "')]//button[@data-act='end']"));
    }
}
