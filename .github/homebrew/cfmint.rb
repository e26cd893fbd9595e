# The formula of a release; `.ci/formula` fills in what stands between @ and @.
class Cfmint < Formula
  desc "Makes, rotates and retires scoped Cloudflare API tokens from YAML profiles"
  homepage "https://github.com/@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/cfmint-aarch64-apple-darwin.tar.gz"
      sha256 "@MAC_ARM@"
    end
    on_intel do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/cfmint-x86_64-apple-darwin.tar.gz"
      sha256 "@MAC_INTEL@"
    end
  end
  on_linux do
    on_arm do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/cfmint-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@LINUX_ARM@"
    end
    on_intel do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/cfmint-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@LINUX_INTEL@"
    end
  end

  def install
    bin.install "cfmint"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/cfmint.bash" => "cfmint"
    zsh_completion.install "completions/cfmint.zsh" => "_cfmint"
    fish_completion.install "completions/cfmint.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/cfmint --version")
    (testpath/"shop.yaml").write <<~YAML
      version: 1
      name: shop
      permissions: { zone: { DNS: edit } }
      resources: { zones: [example.com] }
      ttl: 30d
      sinks: [{ env_file: .env, variables: { SHOP_TOKEN: token } }]
    YAML
    system bin/"cfmint", "apply", "shop.yaml", "--emulator"
    assert_match "SHOP_TOKEN=", (testpath/".env").read
  end
end
