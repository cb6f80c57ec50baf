"""Makes the files beside it: what Hugging Face's tokenizers 0.23.3 learn from text.txt and how they encode strings.
`pip install tokenizers==0.23.3`; no test needs it."""
import hashlib, json, os, random
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

os.chdir(os.path.dirname(os.path.abspath(__file__)))
GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
text = open("text.txt", encoding="utf-8", newline="").read()


def train(pattern, vocabulary):
    byte_level = lambda cuts: pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=cuts)
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(GPT4), "isolated")
    tokenizer.pre_tokenizer = byte_level(True) if pattern == "gpt2" else pre_tokenizers.Sequence([split, byte_level(False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator([text], trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return tokenizer


def merges(tokenizer):
    return [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]


def strings():
    r = random.Random(20261121)
    prose = ["人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
             "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。カタカナも。",
             "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلًا وضميرًا.",
             "It's the student's book; they'll say we've DON'T I'M you'D 12345 6.75 -- (see §3)\r\n\r\n  And\tso on...  "]
    blanks = list(" \t\n\r\x0b\x0c\x85\xa0\u1680\u180e\u2003\u2028\u200b\u202f\u205f\u3000\ufeff")
    emoji = ["👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "❤️", "🧑🏿‍🚀", "☕", "1️⃣"]
    short = ["'s", "'S", "'t", "'RE", "'Re", "'ve", "'m", "'LL", "'d", "'ſ", "’s", "''s", "'l", "'r", "'x", "a", "B", " ", "1", "\n"]
    result = [""] + prose + emoji + [p[::-1] for p in prose]
    # One string for each script's part of Unicode, assigned or not.
    for first in list(range(0x80, 0x3000, 0x60)) + list(range(0x10000, 0x1F000, 0x400)):
        result.append("".join(chr(first + r.randrange(0x60)) for _ in range(8)) + " " + chr(first + r.randrange(0x60)))
    for size in range(1, 13):
        result.append("".join(r.choice(blanks) for _ in range(size)))
        result.append("x" + "".join(r.choice(blanks) for _ in range(size)) + r.choice("y1!"))
        result.append("".join(r.choice(short) for _ in range(2 * size)))
        result.append("e" + "".join(chr(0x300 + r.randrange(0x70)) for _ in range(size)) + " a\u0301\u0323")
        result.append("".join(r.choice(emoji + [" ", "a"]) for _ in range(size)))
        result.append("".join(r.choice("0123456789٣४五Ⅷ½ ") for _ in range(size)))
        result.append("".join(r.choice(r.choice(prose + [blanks, short])) for _ in range(3 * size)))
    for run in ["a", " ", "\n", "!", "7", "ab", " a", "é", "漢", "\r\n", "'s"]:
        result.append(run * 150)
    return result


def main():
    small = {pattern: train(pattern, 600) for pattern in ["gpt2", "gpt4"]}
    cases = strings()
    small["gpt2"].save("gpt2.json")
    # Added tokens that are no special ones, in both of the searches.
    small["gpt4"].add_tokens([AddedToken("<tool>", normalized=True), AddedToken("tool", normalized=False), "  "])
    small["gpt4"].add_special_tokens(["<|user|>", "<|user|>s"])
    small["gpt4"].save("gpt4.json", pretty=False)
    marked = ["a<|endoftext|>b", "<|user|>ss <|user|>", "<<tool>>", "  x   y", "<|endoftext|><|endoftext|>", " <|user|> tool"]
    small["gpt4"].encode_special_tokens = False
    marked_ids = [e.ids for e in small["gpt4"].encode_batch(marked)]
    small["gpt4"].encode_special_tokens = True
    marked_as_text = [e.ids for e in small["gpt4"].encode_batch(marked)]
    digests = {}
    for pattern in ["gpt2", "gpt4"]:
        lines = "".join(f"{a} {b}\n" for a, b in merges(train(pattern, 12000)))
        digests[pattern] = {"merges": lines.count("\n"), "sha256": hashlib.sha256(lines.encode()).hexdigest()}
    ids = {pattern: [e.ids for e in small[pattern].encode_batch(cases)] for pattern in small}
    with open("cases.json", "w", encoding="utf-8") as file:
        json.dump({"strings": cases, "gpt2": ids["gpt2"], "gpt4": ids["gpt4"], "marked": marked, "marked_ids": marked_ids,
                   "marked_as_text": marked_as_text, "learned": digests}, file, separators=(",", ":"))
    print(len(cases), digests)


main()
