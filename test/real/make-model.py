"""Makes a byte-level tokenizer and, asked for weights, a Llama of two layers drawn at random. Usage: make-model.py FOLDER weights|tokenizer"""
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

folder, what = sys.argv[1:]
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=400, special_tokens=["<bos>", "<eos>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
)
tokenizer.train_from_iterator(["a tiny model has few words"] * 10, trainer)
made = PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, bos_token="<bos>", eos_token="<eos>", pad_token="<eos>", model_max_length=2048
)
made.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
made.save_pretrained(folder)

if what == "weights":
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    config = LlamaConfig(
        vocab_size=512, max_position_embeddings=2048, bos_token_id=0, eos_token_id=1, **shape, **heads
    )
    LlamaForCausalLM(config).save_pretrained(folder)
