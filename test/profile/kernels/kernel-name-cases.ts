// Names of real GPU kernels as profilers print them, by the project that they come from, with the bucket they belong to.
import type { Bucket } from '../../../src/profile/model/buckets.ts';

export const KERNEL_NAMES: readonly {
  readonly source: string;
  readonly names: readonly (readonly [string, Bucket])[];
}[] = [
  {
    source: 'vllm-project/vllm csrc/ (attention, cache, layernorm, activation, quantization, moe, custom_all_reduce)',
    names: [
      [
        'void vllm::paged_attention_v1_kernel<unsigned short, unsigned short, 128, 16, 128, (vllm::Fp8KVCacheDataType)0, false>(unsigned short*)',
        'attention',
      ],
      ['void vllm::paged_attention_v2_reduce_kernel<__nv_bfloat16, 128, 128, 512>(__nv_bfloat16*)', 'attention'],
      ['void vllm::merge_attn_states_kernel<__nv_bfloat16, uint4, 128u>(__nv_bfloat16*)', 'attention'],
      ['void marlin::gptq_marlin_repack_kernel<256, 4, false>(unsigned int const*, unsigned int const*)', 'quantise'],
      [
        'void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16, __nv_bfloat16, (vllm::Fp8KVCacheDataType)0>(__nv_bfloat16 const*)',
        'attention',
      ],
      ['void vllm::reshape_and_cache_nvfp4_kernel', 'attention'],
      ['void vllm::concat_and_cache_mla_kernel<__nv_bfloat16, unsigned char>(__nv_bfloat16 const*)', 'attention'],
      ['void vllm::rotary_embedding_kernel<c10::BFloat16, true>(long const*, c10::BFloat16*)', 'attention'],
      ['void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*, c10::BFloat16 const*, float, int)', 'norm'],
      [
        'std::enable_if<(8>(0))&&vllm::_typeConvert<c10::BFloat16>::exists, void>::type vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(c10::BFloat16*, c10::BFloat16*)',
        'norm',
      ],
      [
        'void vllm::act_and_mul_kernel<c10::BFloat16, &(c10::BFloat16 vllm::silu_kernel<c10::BFloat16>(c10::BFloat16 const&)), true>(c10::BFloat16*)',
        'elementwise',
      ],
      [
        'void vllm::dynamic_per_token_scaled_fp8_quant_kernel<c10::BFloat16, c10::Float8_e4m3fn>(c10::Float8_e4m3fn*)',
        'quantise',
      ],
      [
        'void vllm::scaled_fp8_quant_kernel_strided<c10::BFloat16, c10::Float8_e4m3fn>(c10::Float8_e4m3fn*)',
        'quantise',
      ],
      [
        'void vllm::cvt_fp16_to_fp4<__nv_bfloat16, false>(int, int, __nv_bfloat16 const*, float const*, unsigned int*, unsigned int*)',
        'quantise',
      ],
      ['void vllm::static_scaled_int8_quant_kernel<c10::BFloat16, float>(c10::BFloat16 const*)', 'quantise'],
      ['void vllm::moe::topkGatingSoftmax<4, 128, 4, 16, int>(float const*, bool const*, float*, int, int*)', 'moe'],
      ['void vllm::moe::moe_align_block_size_kernel<int>(int const*, int*, int*, int*)', 'moe'],
      ['void vllm::moe::count_and_sort_expert_tokens_kernel<int>(int const*, int*, int*)', 'moe'],
      ['void vllm::moe::grouped_topk_fused_kernel<float, float, int>(float*, float*)', 'moe'],
      ['fused_moe_kernel', 'moe'],
      ['fused_moe_kernel_gptq_awq', 'moe'],
      [
        'void vllm::cross_device_reduce_1stage<__nv_bfloat16, 8>(vllm::RankData*, vllm::RankSignals, vllm::Signal*, __nv_bfloat16*, int, int)',
        'collective',
      ],
      ['void vllm::cross_device_reduce_2stage<__nv_bfloat16, 4>(vllm::RankData*, vllm::RankSignals)', 'collective'],
      ['void vllm::apply_repetition_penalties_kernel<float>(float*, bool const*)', 'sampling'],
      ['void vllm::gptq::gemm_half_q_half_gptq_4bit_kernel<true, 4>(__half const*)', 'gemm'],
      ['void marlin::Marlin<__nv_bfloat16, 256, 1, 8, 8, 4, 8>(int4 const*)', 'gemm'],
      ['_fwd_kernel', 'attention'],
      ['_fwd_grouped_kernel_stage1', 'attention'],
      ['kernel_unified_attention_2d', 'attention'],
      ['reduce_segments', 'reduction'],
      ['_causal_conv1d_fwd_kernel', 'attention'],
      ['_chunk_scan_fwd_kernel', 'attention'],
      ['_per_token_group_quant_fp8', 'quantise'],
      ['_w8a8_block_fp8_matmul', 'gemm'],
      ['_lora_shrink_kernel', 'gemm'],
    ],
  },
  {
    source: 'sgl-project/sglang python/sglang/srt and sgl-kernel/csrc',
    names: [
      ['_fwd_grouped_kernel_stage2', 'attention'],
      ['create_flashinfer_kv_indices_triton', 'attention'],
      ['write_req_to_token_pool_triton', 'copy'],
      ['assign_extend_cache_locs', 'copy'],
      [
        'void per_token_group_quant_8bit_kernel<__nv_bfloat16, __nv_fp8_e4m3, 128, 16, false>(__nv_bfloat16 const*)',
        'quantise',
      ],
      ['void sgl_per_tensor_quant_fp8::per_tensor_absmax_kernel<__nv_bfloat16>(__nv_bfloat16 const*)', 'quantise'],
      ['silu_and_mul_masked_post_quant_kernel', 'moe'],
      ['ep_scatter_1', 'moe'],
      ['_fwd_kernel_ep_gather', 'moe'],
      ['compute_src2dst_triton_kernel', 'moe'],
      ['post_reorder_triton_kernel', 'moe'],
      ['void moe_fused_gate_kernel<__nv_bfloat16, 32, 8, 1, 4, 32, 6>(void*)', 'moe'],
      ['void biased_grouped_topk_kernel<float>(float*)', 'moe'],
      ['build_tree_efficient', 'sampling'],
      ['void VerifyTreeGreedy<int, int>(int*)', 'sampling'],
      ['apply_token_bitmask_inplace_kernel', 'sampling'],
      ['fused_dual_residual_rmsnorm_kernel', 'norm'],
      ['void FusedAddRMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*)', 'norm'],
      ['alloc_extend_kernel', 'copy'],
      ['compute_position_kernel', 'elementwise'],
      ['sglang::cross_device_reduce_2stage<__nv_bfloat16, 8>(sglang::RankData*)', 'collective'],
      ['set_mla_kv_buffer_kernel', 'attention'],
    ],
  },
  {
    source: 'NVIDIA/TensorRT-LLM cpp/tensorrt_llm/kernels (trtllm-gen, moe, communication, quantization)',
    names: [
      ['fmhaSm100aKernel_QE4m3KvE2m1OE4m3H128PagedKvDenseP16VarSeqQ8Kv128PersistentSwapsAbForGen', 'attention'],
      ['fmhaSm100fKernel_QkvBfloat16OBfloat16H128PagedKvCausalVarSeqQ128Kv128PersistentContext', 'attention'],
      ['fmha_v2_flash_attention_bf16_64_128_S_q_paged_kv_128_causal_sm90_kernel_nl_tiled', 'attention'],
      ['void tensorrt_llm::kernels::mmha::masked_multihead_attention_kernel<__nv_bfloat16, 128>(void*)', 'attention'],
      ['kernel_mha', 'attention'],
      [
        'void tensorrt_llm::kernels::applyBiasRopeUpdateKVCacheV2<__nv_bfloat16, __nv_bfloat16, 128>(void*)',
        'attention',
      ],
      ['bmm_Bfloat16_Bfloat16Bfloat16_Fp32_t128x8x128u2_s6_et128x8_m128x8x16', 'gemm'],
      ['bmm_Bfloat16_E2m1E2m1_Fp32_t128x8x512u2_s6_et128x8_m128x8x64_cga1x1x1_16dp256b', 'gemm'],
      ['bmm_E2m1_E2m1E2m1_Fp32_t128x8x512_s7_et128x8_m256x8x64_cga2x1x1_16dp256b_rM_swiGlu_dynBatch_sm100a', 'gemm'],
      ['gemm_Bfloat16_NvfE2m1NvfE2m1_Fp32_t128x8x256u2_s5_et64x8_m64x8x32_sm100a', 'gemm'],
      ['void moe::dev::routing::routingCustom::routingIndicesClusterKernel', 'moe'],
      [
        'void moe::dev::routing::routingDeepSeek::routingMainKernel<moe::dev::routing::routingDeepSeek::KernelParams<float>>(void)',
        'moe',
      ],
      [
        'void moe::dev::finalize::finalizeKernelVecLoad<moe::dev::finalize::KernelParams<cutlass::bfloat16_t>>(void)',
        'moe',
      ],
      ['void moe::dev::activation::activationDeepSeekKernel<void>(void)', 'moe'],
      ['void tensorrt_llm::kernels::expandInputRowsKernel<__nv_bfloat16>(__nv_bfloat16 const*)', 'moe'],
      [
        'void tensorrt_llm::kernels::cutlass_kernels::finalizeMoeRoutingKernel<__nv_bfloat16, __nv_bfloat16>(void*)',
        'moe',
      ],
      [
        'void tensorrt_llm::kernels::ar_fusion::allreduce_fusion_kernel_oneshot_lamport<(int)1, __nv_bfloat16, 8>(void*)',
        'collective',
      ],
      ['void trtllm_allreduce_fusion::allreduce_fusion_kernel_twoshot_sync<__nv_bfloat16>(void*)', 'collective'],
      ['void tensorrt_llm::kernels::mnnvl::twoshot_allreduce_kernel<__nv_bfloat16, 8>(void*)', 'collective'],
      ['void tensorrt_llm::kernels::quantize_with_block_size<(int)0, __nv_bfloat16, 16, true>(int)', 'quantise'],
      ['void tensorrt_llm::kernels::block_scale_interleave_kernel(int)', 'quantise'],
      ['void tensorrt_llm::kernels::generalRmsNorm<__nv_bfloat16, __nv_fp8_e4m3, false>(void*)', 'norm'],
      ['void tensorrt_llm::kernels::topKStage1<float, 256, 8>(float const*)', 'reduction'],
      ['void tensorrt_llm::kernels::airTopPSampling<float, int, float, 11, 512, false>(void*)', 'sampling'],
      ['void tensorrt_llm::kernels::fused_qk_norm_rope_kernel<128, false>(void*)', 'attention'],
    ],
  },
  {
    source: 'pytorch/pytorch aten/src/ATen/native/cuda',
    names: [
      [
        'void at::native::vectorized_elementwise_kernel<4, at::native::FillFunctor<float>, std::array<char*, 1ul> >(int, at::native::FillFunctor<float>, std::array<char*, 1ul>)',
        'memset',
      ],
      [
        'void at::native::vectorized_elementwise_kernel<8, at::native::CUDAFunctor_add<c10::BFloat16>, std::array<char*, 3ul> >(int)',
        'elementwise',
      ],
      [
        'void at::native::elementwise_kernel<128, 2, at::native::gpu_kernel_impl_nocast<at::native::BinaryFunctor<float, float, float, at::native::binary_internal::MulFunctor<float> > >(at::TensorIteratorBase&)::{lambda(int)#1}>(int)',
        'elementwise',
      ],
      [
        'void at::native::unrolled_elementwise_kernel<at::native::direct_copy_kernel_cuda(at::TensorIteratorBase&)::{lambda()#3}::operator()() const::{lambda(float)#1}, std::array<char*, 2ul>, 4>(int)',
        'copy',
      ],
      [
        'void at::native::elementwise_kernel<128, 4, at::native::gpu_kernel_impl<at::native::bfloat16_copy_kernel_cuda(at::TensorIteratorBase&)::{lambda(float)#1}>(at::TensorIteratorBase&)>(int)',
        'copy',
      ],
      [
        'void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::MeanOps<float, float, float, float>, unsigned int, float, 4> >(at::native::ReduceOp<float>)',
        'reduction',
      ],
      [
        'void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::ArgMaxOps<float>, unsigned int, long, 4> >(void)',
        'sampling',
      ],
      [
        'void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<c10::BFloat16, float>(int, float, c10::BFloat16 const*)',
        'norm',
      ],
      [
        'void at::native::(anonymous namespace)::CatArrayBatchedCopy_vectorized<at::native::(anonymous namespace)::OpaqueType<2u>, unsigned int, 3, 128, 1, 16, 8>(char*)',
        'copy',
      ],
      [
        'void at::native::(anonymous namespace)::CatArrayBatchedCopy<at::native::(anonymous namespace)::OpaqueType<4u>, unsigned int, 2, 64, 64>(at::native::OpaqueType<4u>*)',
        'copy',
      ],
      [
        'void at::native::index_elementwise_kernel<128, 4, at::native::gpu_index_kernel<at::native::index_kernel_impl<at::native::OpaqueType<2> >(at::TensorIteratorBase&)>(at::TensorIteratorBase&)>(int)',
        'copy',
      ],
      [
        'void at::native::vectorized_gather_kernel<16, long>(char*, char*, long*, int, long, long, long, long, bool)',
        'copy',
      ],
      [
        'void at::native::(anonymous namespace)::indexSelectLargeIndex<c10::BFloat16, long, unsigned int, 2, 2, -2, true>(at::cuda::detail::TensorInfo<c10::BFloat16>)',
        'copy',
      ],
      [
        'void at::native::_scatter_gather_elementwise_kernel<128, 8, at::native::_cuda_scatter_gather_internal_kernel<false, at::native::OpaqueType<4> >>(int)',
        'copy',
      ],
      [
        'void (anonymous namespace)::softmax_warp_forward<float, float, float, 8, false, false>(float*, float const*, int, int, int)',
        'reduction',
      ],
      [
        'void at::native::(anonymous namespace)::cunn_SoftMaxForward<4, float, float, float, at::native::(anonymous namespace)::SoftMaxForwardEpilogue>(float*, float const*, int)',
        'reduction',
      ],
      [
        'void at::native::(anonymous namespace)::distribution_elementwise_grid_stride_kernel<float, 4, at::native::templates::cuda::uniform_and_transform<float>>(int)',
        'sampling',
      ],
      [
        'void at::native::sbtopk::gatherTopK<float, unsigned int, 2, false>(at::cuda::detail::TensorInfo<float const, unsigned int>)',
        'sampling',
      ],
      ['void at::native::mbtopk::radixFindKthValues<float, unsigned int, unsigned int, 1>(void)', 'sampling'],
      ['void at::native::tensor_kernel_scan_innermost_dim<float, std::plus<float> >(float*)', 'reduction'],
      [
        'void at::native::(anonymous namespace)::multi_tensor_apply_kernel<at::native::(anonymous namespace)::TensorListMetadata<4>, at::native::(anonymous namespace)::FusedAdamMathFunctor<float, 4>>(void)',
        'elementwise',
      ],
      ['void at::native::(anonymous namespace)::max_pool_forward_nchw<float, float>(int, float const*)', 'elementwise'],
      [
        'void at::native::(anonymous namespace)::upsample_bilinear2d_out_frame<float, float>(int, float)',
        'elementwise',
      ],
      [
        'void at::native::triu_tril_kernel<bool, int, false, 4, false>(at::cuda::detail::TensorInfo<bool, int>)',
        'copy',
      ],
      [
        'void (anonymous namespace)::elementwise_kernel_with_index<int, at::native::arange_cuda_out(c10::Scalar const&)::{lambda(long)#1}>(int)',
        'elementwise',
      ],
      [
        'void at::native::batch_norm_collect_statistics_kernel<at::native::InvStd, float, float, float, int>(void)',
        'norm',
      ],
      ['void at::native::im2col_kernel<float>(long, float const*)', 'copy'],
      [
        'pytorch_flash::flash_fwd_kernel<pytorch_flash::Flash_fwd_kernel_traits<128, 64, 64, 4, false, false, cutlass::bfloat16_t>>(pytorch_flash::Flash_fwd_params)',
        'attention',
      ],
      [
        'fmha_cutlassF_bf16_aligned_64x128_rf_sm80(PyTorchMemEffAttention::AttentionKernel<cutlass::bfloat16_t, cutlass::arch::Sm80, true, 64, 128, 128, true, true>::Params)',
        'attention',
      ],
      [
        'void at::cuda::detail::cub::DeviceRadixSortOnesweepKernel<at::cuda::detail::cub::DeviceRadixSortPolicy<long>, false>(int*)',
        'reduction',
      ],
    ],
  },
  {
    source: 'cuBLAS, cuBLASLt and cuDNN as printed by nsys on A100, H100 and B200',
    names: [
      ['nvjet_tst_192x192_64x4_2x1_v_bz_coopB_bias_TNN', 'gemm'],
      ['nvjet_tst_64x32_64x16_2x2_2cta_h_bz_splitK_TNT', 'gemm'],
      ['nvjet_qqtst_128x128_128x6_2x1_v_bz_TNT', 'gemm'],
      ['nvjet_hsh_256x128_64x4_1x2_h_bz_coopA_NTN', 'gemm'],
      ['sm80_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize96x64x64_stage3_warpsize2x2x1_tensor16x8x16_kernel', 'gemm'],
      [
        'sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1_execute_segment_k_off_kernel__5x_cublas',
        'gemm',
      ],
      [
        'sm80_xmma_fprop_implicit_gemm_tf32f32_tf32f32_f32_nhwckrsc_nchw_tilesize128x128x16_stage4_warpsize2x2x1_g1_tensor16x8x8_execute_kernel__5x_cudnn',
        'gemm',
      ],
      ['ampere_bf16_s16816gemm_bf16_128x64_ldg8_f2f_stages_64x4_tn', 'gemm'],
      ['ampere_sgemm_128x64_tn', 'gemm'],
      ['turing_fp16_s1688gemm_fp16_128x128_ldg8_f2f_tn', 'gemm'],
      ['volta_sgemm_64x32_sliced1x4_tn', 'gemm'],
      [
        'void cublasLt::splitKreduce_kernel<32, 16, int, __nv_bfloat16, __nv_bfloat16, float, false, __nv_bfloat16>(cublasLt::cublasSplitKParams<__nv_bfloat16>)',
        'gemm',
      ],
      [
        'void gemmSN_TN_kernel<float, 128, 16, 2, 4, 4, 4, true, cublasGemvTensorStridedBatched<__nv_bfloat16 const>>(void)',
        'gemm',
      ],
      [
        'std::enable_if<!(false), void>::type internal::gemvx::kernel<int, int, __nv_bfloat16, __nv_bfloat16, float, false, true, false, false, 6>(void)',
        'gemm',
      ],
      ['void gemv2T_kernel_val<int, int, __nv_bfloat16, float, 128, 16, 4, 4, false>(void)', 'gemm'],
      ['void dot_kernel<float, 128, 0, cublasDotParams<cublasGemvTensor<float const>>>(void)', 'gemm'],
      [
        'void cudnn::winograd_nonfused::winogradForwardData4x4<float, float>(cudnn::winograd_nonfused::WinogradDataParams<float, float>)',
        'gemm',
      ],
      ['void cudnn::bn_fw_inf_1C11_kernel_NCHW<float, float, true, 1>(float, float)', 'gemm'],
      [
        'void nchwToNhwcKernel<__half, __half, float, true, false, (cudnnKernelDataType_t)0>(cudnn::ops::nchw2nhwc_params_t<float>)',
        'gemm',
      ],
      ['cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma_f16_knob_7_64x128x128_4x1x1_kernel0_0', 'attention'],
      ['void fft2d_r2c_32x32<float, false, 5u, true>(float2*, float const*)', 'gemm'],
    ],
  },
  {
    source: 'NVIDIA/cutlass and Dao-AILab/flash-attention',
    names: [
      [
        'void cutlass::Kernel2<cutlass_80_wmma_tensorop_bf16_s161616gemm_bf16_16x16_128x2_tn_align8>(cutlass_80_wmma_tensorop_bf16_s161616gemm_bf16_16x16_128x2_tn_align8::Params)',
        'gemm',
      ],
      [
        'void cutlass::device_kernel<cutlass::gemm::kernel::GemmUniversal<cute::tuple<int, int, int, int>, cutlass::gemm::collective::CollectiveMma<cutlass::gemm::MainloopSm90TmaGmmaWarpSpecialized<4>>>>(void)',
        'gemm',
      ],
      [
        'void cutlass::device_kernel<cutlass::gemm::kernel::GemmUniversal<cute::tuple<int, int, int, int>, cutlass::gemm::collective::CollectiveMma<cutlass::gemm::MainloopSm100TmaUmmaWarpSpecializedBlockScaled<5>, cutlass::float_e2m1_t>>>(void)',
        'gemm',
      ],
      [
        'cutlass3x_sm100_tensorop_s64x256x32gemm_f8_f8_f32_f16_f16_64x256x128_1x1x1_0_tnn_align4_1sm_bias_f16_relu_aux_scalemax',
        'gemm',
      ],
      [
        'void cutlass::device_kernel<flash::enable_sm90<flash::FlashAttnFwdSm90<flash::CollectiveMainloopFwdSm90<2, cute::tuple<cute::C<1>>>>>>(flash::Params)',
        'attention',
      ],
      [
        'void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4, false, false, cutlass::bfloat16_t>, true>(flash::Flash_fwd_params)',
        'attention',
      ],
      [
        'void flash::flash_fwd_splitkv_combine_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4>>(flash::Flash_fwd_params)',
        'attention',
      ],
      [
        'void flash::flash_bwd_dq_dk_dv_loop_seqk_parallel_kernel<Flash_bwd_kernel_traits<128, 64, 128, 8>>(flash::Flash_bwd_params)',
        'attention',
      ],
      [
        'void flash::flash_bwd_dot_do_o_kernel<true, Flash_bwd_kernel_traits<128, 64, 128, 8>>(flash::Flash_bwd_params)',
        'attention',
      ],
      ['flash::prepare_varlen_num_blocks_kernel(int, int, int, int const*)', 'attention'],
      [
        'kernel_cutlass_kernel_flash_attncuteflash_fwd_sm100FlashAttentionForwardSm100_object_at__tensorptrbf16',
        'attention',
      ],
    ],
  },
  {
    source: 'deepseek-ai/DeepGEMM, DeepEP and FlashMLA',
    names: [
      [
        'void deep_gemm::fp8_gemm_kernel<7168u, 2048u, 128u, 128u, 128u, 8u, 8u, 128u, 1u, true, (deep_gemm::GemmType)0>(void)',
        'gemm',
      ],
      [
        'void deep_gemm::sm90_fp8_gemm_1d2d_impl<(cute::UMMA::Major)0, 0u, 4096u, 7168u, 1u, 64u, 128u, 128u>(void)',
        'gemm',
      ],
      [
        'void deep_gemm::sm100_fp8_gemm_1d1d_impl<(cute::UMMA::Major)0, (cute::UMMA::Major)0, 0u, 24576u, 1536u>(void)',
        'gemm',
      ],
      [
        'void deep_gemm::transpose_and_pack_fp32_into_ue8m0<512u, 128u, 56u>(float const*, unsigned int*, unsigned int)',
        'quantise',
      ],
      ['void deep_ep::internode_ll::dispatch<true, false, 3, 10, 7168>(void*, void*)', 'collective'],
      ['void deep_ep::internode_ll::combine<true, 3, 10, 7168>(void*, void*)', 'collective'],
      ['void deep_ep::intranode::notify_dispatch<8>(int const*, int*)', 'collective'],
      ['void deep_ep::intranode::dispatch<8, 768, 8192>(int4*)', 'collective'],
      ['void deep_ep::layout::get_dispatch_layout<256, 32, 8>(long const*)', 'collective'],
      [
        'void flash_fwd_splitkv_mla_kernel<Flash_fwd_kernel_traits_mla<576, 64, 64, 8, cutlass::bfloat16_t, 512>, true, SharedStorageMLA>(Flash_fwd_mla_params)',
        'attention',
      ],
      ['get_mla_metadata_kernel(Mla_metadata_params)', 'attention'],
    ],
  },
  {
    source: 'flashinfer-ai/flashinfer include/flashinfer',
    names: [
      [
        'void flashinfer::BatchPrefillWithPagedKVCacheKernel<(flashinfer::MaskMode)1, 128u, 2u, 8u, 8u, 1u, 4u>(flashinfer::PagedParams)',
        'attention',
      ],
      [
        'void flashinfer::BatchDecodeWithPagedKVCacheKernel<(flashinfer::PosEncodingMode)0, 2u, 4u, 8u, 16u, 8u, 1u>(flashinfer::DecodeParams)',
        'attention',
      ],
      [
        'void flashinfer::PersistentVariableLengthMergeStatesKernel<8u, 16u, 8u, 4u, __nv_bfloat16, __nv_bfloat16, int>(__nv_bfloat16*)',
        'attention',
      ],
      [
        'void flashinfer::mla::BatchMLAPagedAttentionKernel<flashinfer::mla::KernelTraits<true>>(flashinfer::mla::Params)',
        'attention',
      ],
      [
        'void flashinfer::BatchQKApplyRotaryPosIdsCosSinCacheKernel<true, 128u, 8u, 16u, __nv_bfloat16, long>(__nv_bfloat16*)',
        'attention',
      ],
      ['void flashinfer::norm::RMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*, __nv_bfloat16*)', 'norm'],
      ['void flashinfer::norm::FusedAddRMSNormKernel<8u, __nv_bfloat16>(__nv_bfloat16*)', 'norm'],
      [
        'void flashinfer::activation::act_and_mul_kernel<__nv_bfloat16, &silu(float const&)>(__nv_bfloat16*)',
        'elementwise',
      ],
      [
        'void flashinfer::sampling::TopKTopPSamplingFromProbKernel<1024u, (cub::BlockScanAlgorithm)2, (cub::BlockReduceAlgorithm)2, 4u, true, float, int>(float*)',
        'sampling',
      ],
      [
        'void flashinfer::sampling::TopPRenormProbKernel<1024u, (cub::BlockReduceAlgorithm)2, 4u, float>(float*)',
        'sampling',
      ],
      ['void flashinfer::sampling::ChainSpeculativeSampling<1024u>(float*)', 'sampling'],
    ],
  },
  {
    source: 'NVIDIA/nccl src/device, ROCm/rccl, NVSHMEM and PyTorch symmetric memory',
    names: [
      ['ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)', 'collective'],
      ['ncclDevKernel_AllReduce_Sum_f32_TREE_LL128(ncclDevKernelArgsStorage<4096ul>)', 'collective'],
      ['ncclDevKernel_AllGather_RING_LL(ncclDevKernelArgsStorage<4096ul>)', 'collective'],
      ['ncclDevKernel_ReduceScatter_Sum_bf16_RING_SIMPLE(ncclDevKernelArgsStorage<4096ul>)', 'collective'],
      ['ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)', 'collective'],
      ['ncclDevKernel_Broadcast_RING_LL(ncclDevKernelArgsStorage<4096ul>)', 'collective'],
      ['ncclSymkDevKernel_AllReduce_RSxLD_AGxST_sum_bf16(ncclSymkDevWorkArgs)', 'collective'],
      ['ncclKernel_AllReduce_RING_LL_Sum_float(ncclDevComm*, unsigned long, ncclWork*)', 'collective'],
      ['void rccl::ncclDevKernel_Generic_4(ncclDevKernelArgsStorage<4096ul>)', 'collective'],
      ['void multimem_all_reduce_kernel<__nv_bfloat16, 8>(void)', 'collective'],
      [
        'void c10d::symmetric_memory::two_shot_all_reduce_kernel_inplace<c10::BFloat16, 16, 8>(c10::BFloat16**)',
        'collective',
      ],
      ['nvshmemi_transfer_amo_nonfetch_kernel', 'collective'],
    ],
  },
  {
    source: 'Triton and TorchInductor generated code',
    names: [
      ['triton_poi_fused_add_cos_sin_0', 'elementwise'],
      ['triton_poi_fused_mul_silu_3', 'elementwise'],
      ['triton_red_fused_fused_add_rms_norm_moe_forward_0', 'moe'],
      ['triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_2', 'copy'],
      ['triton_per_fused_native_layer_norm_4', 'norm'],
      ['triton_red_fused_sum_5', 'reduction'],
      ['triton_tem_fused_mm_7', 'gemm'],
    ],
  },
  {
    source: 'AMD kernels of PyTorch traces (rocBLAS, hipBLASLt, AITER)',
    names: [
      ['Cijk_Ailk_Bljk_SB_MT32x32x8_SE_K1', 'gemm'],
      ['Cijk_Alik_Bljk_BBS_BH_Bias_HAS_SAV_UserArgs_MT256x256x64_MI16x16x1_SN_LDSB1', 'gemm'],
      [
        'void at::native::modern::elementwise_kernel<at::native::CUDAFunctor_add<float>, at::detail::Array<char*, 3>>(int)',
        'elementwise',
      ],
      ['void aiter::cross_device_reduce_1stage_naive<__hip_bfloat16, 8>(aiter::RankData*)', 'collective'],
      ['aiter::fmoe_bf16_blockscaleFp8_g1u1_vs_silu_1tg_ps_32x256', 'moe'],
      ['__amd_rocclr_fillBufferAligned', 'memset'],
      ['__amd_rocclr_copyBuffer', 'copy'],
    ],
  },
];
